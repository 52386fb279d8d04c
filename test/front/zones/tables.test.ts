import { describe, expect, it } from 'vitest'
import { BlobTable } from '../../../src/front/zones/blob-table.ts'
import { CountTable, enterCounts, leaveCounts } from '../../../src/front/zones/count-table.ts'
import { learnRate, RateTable, takeRates } from '../../../src/front/zones/rate-table.ts'

const MB = 1 << 20

describe('rates', () => {
  const ask = (table: RateTable, key: string, rate = 1000, burst = 2000) => ({
    zone: { id: 0, table },
    key,
    rate,
    burst,
  })

  it('count one request each and drain with time', () => {
    const table = new RateTable(MB)
    const excess = [0, 0, 0, 500, 500, 10_000].map((ms) => takeRates([ask(table, 'a')], ms))
    expect(excess).toEqual([
      { refused: -1, excess: [0] },
      { refused: -1, excess: [1000] },
      { refused: -1, excess: [2000] },
      { refused: 0, excess: [2500] },
      { refused: 0, excess: [2500] },
      { refused: -1, excess: [0] },
    ])
  })

  it('count in all zones or in none', () => {
    const wide = new RateTable(MB)
    const narrow = new RateTable(MB)
    const both = [ask(wide, 'a'), ask(narrow, 'a', 1000, 0)]
    expect(takeRates(both, 0).refused).toBe(-1)
    expect(takeRates(both, 0)).toEqual({ refused: 1, excess: [1000, 1000] })
    expect(takeRates([ask(wide, 'a')], 0).excess).toEqual([1000])
  })

  it('let the key go that was not used for longest', () => {
    const table = new RateTable(128 * 3)
    for (const key of ['a', 'b', 'c']) takeRates([ask(table, key)], 0)
    takeRates([ask(table, 'a')], 0)
    takeRates([ask(table, 'd')], 0)
    expect(table.size).toBe(3)
    expect([...table.entries()].map(([key]) => key)).toEqual(['c', 'a', 'd'])
  })

  it('count long keys by their length', () => {
    const table = new RateTable(128 * 4)
    for (const key of ['a', 'b', 'c']) takeRates([ask(table, key)], 0)
    takeRates([ask(table, 'x'.repeat(200))], 0)
    expect(table.size).toBe(1)
  })

  it('hold 8 thousand states of 128 bytes in a megabyte', () => {
    const table = new RateTable(MB)
    for (let index = 0; index < 10_000; index += 1) takeRates([ask(table, String(index))], 0)
    expect(table.size).toBe(8192)
  })

  it('learn what is later than what they know', () => {
    const table = new RateTable(MB)
    learnRate(table, 'a', 5000, 100)
    learnRate(table, 'a', 1000, 50)
    expect(table.peek('a')).toEqual({ excess: 5000, atMs: 100 })
  })
})

describe('counts', () => {
  const ask = (table: CountTable, key: string, most = 2) => ({ zone: { id: 0, table }, key, most })

  it('refuse what is above the number, until one leaves', () => {
    const table = new CountTable(MB)
    const asks = [ask(table, 'a')]
    expect([enterCounts(asks), enterCounts(asks), enterCounts(asks)]).toEqual([-1, -1, 0])
    leaveCounts(asks)
    expect(enterCounts(asks)).toBe(-1)
  })

  it('count in all zones or in none', () => {
    const wide = new CountTable(MB)
    const narrow = new CountTable(MB)
    const both = [ask(wide, 'a'), ask(narrow, 'a', 1)]
    expect([enterCounts(both), enterCounts(both)]).toEqual([-1, 1])
    expect(wide.peek('a')).toBe(1)
  })

  it('refuse a new key when the zone is full, and no known one', () => {
    const table = new CountTable(64 * 2)
    expect(['a', 'b', 'c', 'a'].map((key) => enterCounts([ask(table, key)]))).toEqual([-1, -1, 0, -1])
    leaveCounts([ask(table, 'b')])
    expect(enterCounts([ask(table, 'c')])).toBe(-1)
  })

  it('keep nothing of who left', () => {
    const table = new CountTable(MB)
    const asks = [ask(table, 'a')]
    enterCounts(asks)
    leaveCounts(asks)
    leaveCounts(asks)
    expect(table.size).toBe(0)
  })
})

describe('blobs', () => {
  it('are there until their life is over', () => {
    const table = new BlobTable(MB)
    table.put('s', Buffer.from('one'), 100)
    expect(table.value('s', 99)?.toString()).toBe('one')
    expect(table.value('s', 100)).toBeUndefined()
    expect(table.size).toBe(0)
  })

  it('are new only where there is none', () => {
    const table = new BlobTable(MB)
    expect(table.putNew('k', Buffer.from('one'), 100, 0).toString()).toBe('one')
    expect(table.putNew('k', Buffer.from('two'), 200, 50).toString()).toBe('one')
    expect(table.putNew('k', Buffer.from('three'), 300, 150).toString()).toBe('three')
  })

  it('give way by their size', () => {
    const table = new BlobTable(4096)
    for (const key of ['a', 'b', 'c']) table.put(key, Buffer.alloc(1500), 100)
    expect([...table.entries()].map(([key]) => key)).toEqual(['b', 'c'])
    table.put('b', Buffer.alloc(10), 100)
    table.put('d', Buffer.alloc(1500), 100)
    expect([...table.entries()].map(([key]) => key)).toEqual(['b', 'd'])
  })
})
