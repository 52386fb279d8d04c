import { expect, test } from 'vitest'
import { Trace } from 'portico/web'
import { wayOf } from '../../src/demo/stages.ts'

test('places each stage between the first byte and now', () => {
  let nowMs = 100
  const trace = new Trace(() => nowMs)
  trace.add('front', 'front', -20, 5)
  nowMs = 110
  const view = trace.begin('view', 'home')
  nowMs = 120
  trace.add('query', 'select 1', 12, 6)
  nowMs = 150
  trace.end(view)
  const open = trace.begin('processResponse', 'SessionMiddleware')
  nowMs = 180
  const way = wayOf(trace)
  trace.end(open)

  expect(way).toMatchObject({ totalMs: 100, applicationMs: 80, queries: 1, queriesMs: 6, dropped: 0 })
  expect(
    way.stages.map(({ title, startMs, durationMs, x, width, indent }) => [
      title,
      startMs,
      durationMs,
      x,
      width,
      indent,
    ]),
  ).toEqual([
    ['Front', 0, 5, 0, 50, 0],
    ['Gateway', 5, 15, 50, 150, 0],
    ['View home', 30, 40, 300, 400, 0],
    ['Query', 32, 6, 320, 60, 1],
    ['SessionMiddleware, out', 70, 30, 700, 300, 0],
  ])
})

test('a stage too short to be seen is drawn all the same, inside the picture', () => {
  let nowMs = 0
  const trace = new Trace(() => nowMs)
  trace.add('processRequest', 'A', 0, 0)
  nowMs = 1000
  trace.add('processResponse', 'B', 1000, 0)
  const [first, last] = wayOf(trace).stages
  expect([first?.x, first?.width]).toEqual([0, 3])
  expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(1000)
})

test('a front whose clock is ahead does not turn time back', () => {
  const trace = new Trace(() => 0)
  trace.add('front', 'front', -0.25, 0.5)
  expect(wayOf(trace).stages.map(({ title, startMs, durationMs }) => [title, startMs, durationMs])).toEqual([
    ['Front', 0, 0.5],
    ['Gateway', 0.5, 0],
  ])
  expect(wayOf(trace).totalMs).toBe(0.5)
})
