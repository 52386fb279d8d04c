import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NamedLogs } from '../../src/io/named-logs.ts'

const LIMITS = { max: 2, inactiveMs: 1000, minUses: 1, validMs: 500 }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'named-'))
  vi.useFakeTimers({ toFake: ['performance'] })
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const at = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')

test('without a cache a file is open for one line only', () => {
  const logs = new NamedLogs(undefined)
  logs.write(at('a'), '1\n')
  renameSync(at('a'), at('b'))
  logs.write(at('a'), '2\n')
  expect([read('a'), read('b'), logs.openCount]).toEqual(['2\n', '1\n', 0])
  expect(() => logs.write(at('no/a'), 'x\n')).toThrow('ENOENT')
})

test('a kept one is written on under another name until `valid` is over', () => {
  const logs = new NamedLogs(LIMITS)
  logs.write(at('a'), '1\n')
  renameSync(at('a'), at('b'))
  logs.write(at('a'), '2\n')
  expect(read('b')).toBe('1\n2\n')
  vi.advanceTimersByTime(500)
  logs.write(at('a'), '3\n')
  expect(read('a')).toBe('3\n')
  logs.closeAll()
})

test('no more than `max` are kept, none without use, none that is used too seldom', () => {
  const logs = new NamedLogs(LIMITS)
  for (const name of ['a', 'b', 'c']) logs.write(at(name), 'x\n')
  expect(logs.openCount).toBe(2)
  vi.advanceTimersByTime(1000)
  logs.write(at('d'), 'x\n')
  expect(logs.openCount).toBe(1)
  logs.closeAll()
  expect(logs.openCount).toBe(0)
  const seldom = new NamedLogs({ ...LIMITS, minUses: 2 })
  seldom.write(at('a'), 'y\n')
  expect(seldom.openCount).toBe(0)
  seldom.write(at('a'), 'z\n')
  expect(seldom.openCount).toBe(1)
  seldom.closeAll()
  expect(read('a')).toBe('x\ny\nz\n')
})
