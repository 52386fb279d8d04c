/** A line through measurements over time, and how sure it is. */

export interface Point {
  /** Any unit; the slope is per this unit. */
  readonly at: number
  readonly value: number
}

export interface Drift {
  readonly slope: number
  /** Of the slope, 95 %. */
  readonly low: number
  readonly high: number
  readonly points: number
}

const Z_95 = 1.96
/** A series that hardly turns round at all says little, however many points it has. */
const MAX_CORRELATION = 0.98

/**
 * Least squares. Neighbours in time are alike (a collection of garbage comes every so often), so that n points say less
 * than n: the error is widened by what an autoregression of order one of the residuals says, sqrt((1 + r) / (1 - r)).
 * Undefined for fewer than eight points.
 */
export function driftOf(points: readonly Point[]): Drift | undefined {
  const n = points.length
  if (n < 8) return undefined
  const meanAt = mean(points.map(({ at }) => at))
  const meanValue = mean(points.map(({ value }) => value))
  const spread = sum(points.map(({ at }) => (at - meanAt) ** 2))
  const slope = sum(points.map(({ at, value }) => (at - meanAt) * (value - meanValue))) / spread
  const residuals = points.map(({ at, value }) => value - meanValue - slope * (at - meanAt))
  const squares = sum(residuals.map((residual) => residual ** 2))
  const neighbours = sum(residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0)))
  const r = squares === 0 ? 0 : Math.min(Math.max(neighbours / squares, 0), MAX_CORRELATION)
  const error = Math.sqrt(squares / (n - 2) / spread) * Math.sqrt((1 + r) / (1 - r))
  return { slope, low: slope - Z_95 * error, high: slope + Z_95 * error, points: n }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
