import { describe, expect, it } from 'vitest'
import { parseMilliseconds, parseSeconds } from '../../src/util/duration.ts'

const DAY = 86_400

describe('durations', () => {
  // text, milliseconds, seconds; undefined where nginx refuses it
  it.each<[string, number | undefined, number | undefined]>([
    ['0', 0, 0],
    ['60', 60_000, 60],
    ['60s', 60_000, 60],
    ['1m', 60_000, 60],
    ['1h', 3_600_000, 3600],
    ['1d', DAY * 1000, DAY],
    ['2w', 14 * DAY * 1000, 14 * DAY],
    ['1M', undefined, 30 * DAY],
    ['1y', undefined, 365 * DAY],
    ['1y 2M', undefined, 425 * DAY],
    ['500ms', 500, undefined],
    ['1s500ms', 1500, undefined],
    ['1h30m', 5_400_000, 5400],
    ['1h 30m', 5_400_000, 5400],
    ['1h  30m ', 5_400_000, 5400],
    ['1h 30', 3_630_000, 3630],
    ['30s 5', 35_000, 35],
    ['5 5', 10_000, 10],
    ['5 ', 5000, 5],
    [' 5', 5000, 5],
    ['m5', 5000, 5],
    ['1m 2 3', 65_000, 65],
    ['5 5ms', undefined, undefined],
    ['5 5 5', undefined, undefined],
    ['', undefined, undefined],
    ['m', undefined, undefined],
    [' ', undefined, undefined],
    ['30m 1h', undefined, undefined],
    ['1s 1s', undefined, undefined],
    ['1ms 1s', undefined, undefined],
    ['-1', undefined, undefined],
    ['1.5h', undefined, undefined],
    ['1H', undefined, undefined],
    ['1x', undefined, undefined],
    ['1h,30m', undefined, undefined],
    ['9007199254740', 9_007_199_254_740_000, 9_007_199_254_740],
    ['9007199254741', undefined, 9_007_199_254_741],
    ['99999999999999999999', undefined, undefined],
    ['15000000000w', undefined, undefined],
  ])('%j', (text, milliseconds, seconds) => {
    expect([parseMilliseconds(text), parseSeconds(text)]).toEqual([milliseconds, seconds])
  })
})
