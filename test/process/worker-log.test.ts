import { expect, test } from 'vitest'
import type { WorkerMessage } from '../../src/process/messages.ts'
import { WorkerLog } from '../../src/process/worker-log.ts'

test('lines that the channel does not take are counted, and said when it does', () => {
  const taken: WorkerMessage[] = []
  const waiting: (() => void)[] = []
  const log = new WorkerLog((message, whenSent) => {
    taken.push(message)
    waiting.push(whenSent)
  })
  for (let line = 0; line < 1500; line += 1) log.log('error', `line ${line}`)
  expect(taken).toHaveLength(1000)
  for (const sent of waiting.splice(0, 499)) sent()
  expect(taken).toHaveLength(1000)
  waiting.shift()?.()
  expect(taken.at(-1)).toEqual({
    type: 'log',
    level: 'warn',
    message: '500 line(s) were not logged: they came faster than the log takes them',
  })
  for (const sent of waiting.splice(0)) sent()
  log.log('error', 'again')
  expect(taken.at(-1)).toEqual({ type: 'log', level: 'error', message: 'again' })
  expect(taken).toHaveLength(1002)
})
