import { describe, expect, test } from 'vitest'
import { parseRange } from '../../src/http/range.ts'

/** `a-b,c-d` with the end excluded, or the kind. */
function show(header: string, size: number, max?: number): string {
  const result = parseRange(header, size, max)
  return result.kind === 'ranges'
    ? result.ranges.map(({ start, end }) => `${start}-${end}`).join(',')
    : result.kind
}

describe('parseRange', () => {
  test.each([
    ['bytes=0-8', 1000, '0-9'],
    ['Bytes=0-8', 1000, '0-9'],
    ['bytes=990-', 1000, '990-1000'],
    ['bytes=-10', 1000, '990-1000'],
    ['bytes=-2000', 1000, '0-1000'],
    ['bytes=990-1990', 1000, '990-1000'],
    ['bytes=0-0', 1000, '0-1'],
    ['bytes=999-999', 1000, '999-1000'],
    ['bytes= 0 - 9 , -10 ', 1000, '0-10,990-1000'],
    ['bytes=0-9,-10,100000-,10-19', 1000, '0-10,990-1000,10-20'],
    ['bytes=5-0,7-8', 1000, '7-9'],
    ['bytes=0-99999999999999999', 1000, '0-1000'],
    ['bytes=-9223372036854000000', 1000, '0-1000'],
    ['bytes=0-8', Number.MAX_SAFE_INTEGER, '0-9'],

    ['', 1000, 'ignore'],
    ['bytes', 1000, 'ignore'],
    ['bytes=', 1000, 'ignore'],
    ['items=0-8', 1000, 'ignore'],
    ['bytes 0-8', 1000, 'ignore'],
    ['bytes=0-', 0, 'ignore'],
    ['bytes=-5', 0, 'ignore'],
    ['bytes=0-10001,0-0', 1000, 'ignore'],
    ['bytes=0-,0-', 1000, 'ignore'],

    ['bytes=1000-', 1000, 'unsatisfiable'],
    ['bytes=-0', 1000, 'unsatisfiable'],
    ['bytes=5-0', 1000, 'unsatisfiable'],
    ['bytes=alpha', 1000, 'unsatisfiable'],
    ['bytes=10', 1000, 'unsatisfiable'],
    ['bytes=10-alpha', 1000, 'unsatisfiable'],
    ['bytes=10-11 12-', 1000, 'unsatisfiable'],
    ['bytes=0-1,', 1000, 'unsatisfiable'],
    ['bytes=,0-1', 1000, 'unsatisfiable'],
    ['bytes=--1', 1000, 'unsatisfiable'],
    ['bytes=-', 1000, 'unsatisfiable'],
    ['bytes=+1-2', 1000, 'unsatisfiable'],
    ['bytes=0x1-2', 1000, 'unsatisfiable'],
    ['bytes=0-9223372036854775808', 1000, 'unsatisfiable'],
    ['bytes=18446744073709551616-', 1000, 'unsatisfiable'],
    [`bytes=${'9'.repeat(10_000)}-`, 1000, 'unsatisfiable'],
    ['bytes=1-', 0, 'unsatisfiable'],
  ])('%s of %i', (header, size, expected) => {
    expect(show(header, size)).toBe(expected)
  })

  test('max_ranges', () => {
    expect(show('bytes=0-9,-10', 1000, 2)).toBe('0-10,990-1000')
    expect(show('bytes=0-9,-10,10000-', 1000, 2)).toBe('0-10,990-1000')
    expect(show('bytes=0-9,-10,10-19', 1000, 2)).toBe('ignore')
    expect(show('bytes=0-9', 1000, 0)).toBe('ignore')
  })

  test('1300 ranges of nothing, in time that grows with the header only', () => {
    const header = `bytes=${Array.from({ length: 1300 }, (_, i) => `5-${i}`).join(',')}`
    expect(show(header, 1_000_000)).toBe('ignore')
    const empty = `bytes=${Array.from({ length: 1300 }, () => '5-0').join(',')}`
    expect(show(empty, 1_000_000)).toBe('unsatisfiable')
  })

  test('many small ranges and overlapping ones get the whole', () => {
    const small = (count: number) =>
      `bytes=${Array.from({ length: count }, (_, i) => `${i * 10}-${i * 10}`).join(',')}`
    expect(show(small(50), 1_000_000)).toContain('490-491')
    expect(show(small(50), 1000)).toBe('ignore')
    expect(show(small(50), 1000, 50)).toContain('490-491')
    expect(show(small(101), 10_000_000)).toBe('ignore')
    expect(show('bytes=0-9,5-14,10-19', 10_000)).toBe('0-10,5-15,10-20')
    expect(show('bytes=0-9,5-14,10-19,15-24', 10_000)).toBe('ignore')
    expect(show('bytes=30-39,20-29,10-19,0-9', 10_000)).toBe('30-40,20-30,10-20,0-10')
  })
})
