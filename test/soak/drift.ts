/** A line through measurements over time, and how sure it is. */

export interface Point {
  /** Any unit; the slope is per this unit. */
  readonly at: number
  readonly value: number
}

export interface Drift {
  readonly slope: number
  /** Standard error of the slope. */
  readonly error: number
  readonly points: number
}

/** So many standard errors from 0 are told from 0. */
const TELLING_ERRORS = 2
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
  return { slope, error, points: n }
}

/**
 * The least of each of so many equal stretches of time. What comes and goes (connections, garbage, what a disturbance
 * holds for a moment) lies above the floor; what leaks raises it.
 */
export function floorOf(points: readonly Point[], stretches: number): Point[] {
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0]
  const floor: Point[] = []
  for (let index = 0; index < stretches; index += 1) {
    const end = from + ((index + 1) * (to - from)) / stretches
    const begin = from + (index * (to - from)) / stretches
    const last = index === stretches - 1
    const inside = points.filter(({ at }) => at >= begin && (at < end || last))
    const [first, ...others] = inside
    if (first) floor.push(others.reduce((least, point) => (point.value < least.value ? point : least), first))
  }
  return floor
}

/**
 * `less` is measured more seldom than `points`: the smaller of its values before and behind is taken off, so that what
 * it did in between can only be too much of a point, which the floor passes over.
 */
export function without(points: readonly Point[], less: readonly Point[]): Point[] {
  let behind = 0
  return points.map(({ at, value }) => {
    while (behind < less.length && (less[behind]?.at ?? 0) < at) behind += 1
    const [before, after] = [less[behind - 1]?.value, less[behind]?.value]
    return { at, value: value - Math.min(before ?? after ?? 0, after ?? before ?? 0) }
  })
}

/** Whether it can be told from 0, and is more than what nobody would notice. */
export function isGrowing({ slope, error }: Drift, noticed: number): boolean {
  return slope > noticed && slope > TELLING_ERRORS * error
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}
