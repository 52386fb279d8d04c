import { describe, expect, test } from 'vitest'
import { Trace } from 'portico/web'
import { recordQuery, withTrace } from '../../../src/web/trace/current-trace.ts'

function clock() {
  let now = 100
  return { now: () => now, tick: (ms: number) => (now += ms) }
}

describe('a trace', () => {
  test('knows when each stage began, how long it took and how deep it was', () => {
    const time = clock()
    const trace = new Trace(time.now)
    const outer = trace.begin('middleware', 'outer')
    time.tick(2)
    const inner = trace.begin('view', 'inner', 'more')
    time.tick(3)
    trace.end(inner)
    time.tick(1)
    expect(outer.durationMs).toBeNull()
    trace.end(outer)
    trace.end(outer)
    expect(trace.entries).toEqual([
      { kind: 'middleware', name: 'outer', startMs: 0, durationMs: 6, depth: 0 },
      { kind: 'view', name: 'inner', startMs: 2, durationMs: 3, depth: 1, detail: 'more' },
    ])
  })

  test('takes queries from whoever runs within it, and from nobody else', async () => {
    const time = clock()
    const trace = new Trace(time.now)
    await withTrace(trace, async () => {
      await Promise.resolve()
      time.tick(5)
      recordQuery('select 1', 4)
    })
    recordQuery('select 2', 1)
    expect(trace.entries).toEqual([{ kind: 'query', name: 'select 1', startMs: 1, durationMs: 4, depth: 0 }])
  })

  test('puts the stages of the front before itself', () => {
    const time = clock()
    const trace = new Trace(time.now)
    time.tick(10)
    const epochMs = 1_700_000_000_000
    trace.addFront(`accept=${(epochMs - 12) * 1000}:1500,phases=${(epochMs - 11) * 1000}:250`, epochMs)
    expect(trace.entries.map(({ name, startMs, durationMs }) => [name, startMs, durationMs])).toEqual([
      ['accept', -2, 1.5],
      ['phases', -1, 0.25],
    ])
  })

  test.each([
    '',
    'a',
    'a=',
    'a=1',
    'a=1:',
    'a=x:y',
    'a=-1:2',
    'a b=1:2',
    '<script>=1:2',
    `${'n'.repeat(65)}=1:2`,
    'a=1e3:2',
    `a=${'9'.repeat(18)}:1`,
  ])('leaves out what the front did not say right: %j', (text) => {
    const trace = new Trace()
    trace.addFront(text, 0)
    expect(trace.entries).toEqual([])
  })

  test('is bounded', () => {
    const trace = new Trace()
    trace.addFront('a=1:2,'.repeat(10_000), 0)
    expect(trace.entries).toHaveLength(64)
    for (let index = 0; index < 2000; index += 1) trace.add('query', 'q', 0, 1)
    expect([trace.entries.length, trace.dropped]).toEqual([1000, 1064])
    expect(trace.serverTiming().split(', ')).toHaveLength(64)
  })

  test('is a field that nothing in it can break', () => {
    const trace = new Trace(() => 0)
    trace.add('query', 'select "a", \\b\r\nX: y ü', 0, 1.23456)
    trace.begin('view', 'unfinished')
    expect(trace.serverTiming()).toBe('query;desc="select _a_, _b__X: y _";dur=1.235')
  })
})
