import { expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/app/latency-histogram.ts'

it('counts what is no longer than each bound, and all', () => {
  const histogram = new LatencyHistogram()
  for (const ms of [0, 1, 1.1, 2.5, 100, 100.5, 60_000, 60_001]) histogram.add(ms)
  expect(histogram.buckets()).toEqual([
    ['0.001', 2],
    ['0.0025', 4],
    ...['0.005', '0.01', '0.025', '0.05'].map((le) => [le, 4]),
    ['0.1', 5],
    ...['0.25', '0.5', '1', '2.5', '5', '10'].map((le) => [le, 6]),
    ['60', 7],
    ['+Inf', 8],
  ])
  expect(histogram.sumMs).toBeCloseTo(120_206.1)
})
