import { describe, expect, it } from 'vitest'
import { driftOf, floorOf, isGrowing, without, type Drift, type Point } from './drift.ts'

/** Numbers from -0.5 to 0.5, the same each time. */
function* noise(): Generator<number, never> {
  for (let state = 12345; ;) {
    state = (state * 1103515245 + 12345) % 2147483648
    yield state / 2147483648 - 0.5
  }
}

function series(count: number, valueAt: (at: number, noise: number) => number): Point[] {
  const random = noise()
  return Array.from({ length: count }, (_, at) => ({ at, value: valueAt(at, random.next().value) }))
}

function drift(points: readonly Point[]): Drift {
  const found = driftOf(points)
  if (!found) throw new Error('too few points')
  return found
}

describe('a line through measurements', () => {
  it('is exact where they lie on one', () => {
    const { slope, error } = drift(series(20, (at) => 5 + 3 * at))
    expect(slope).toBeCloseTo(3)
    expect(error).toBeCloseTo(0)
  })

  it('does not tell noise from nothing', () => {
    expect(isGrowing(drift(series(200, (_at, random) => 50 + random)), 0)).toBe(false)
  })

  it('sees a leak through noise', () => {
    expect(isGrowing(drift(series(200, (at, random) => 50 + 0.02 * at + random)), 0.01)).toBe(true)
  })

  it('lets a slope be that nobody would notice, and one that falls', () => {
    expect(isGrowing(drift(series(200, (at) => 0.02 * at)), 0.03)).toBe(false)
    expect(isGrowing(drift(series(200, (at) => -at)), 0)).toBe(false)
  })

  it('trusts a saw-tooth less than noise', () => {
    const tooth = drift(series(200, (at) => at % 50))
    const rough = drift(series(200, (_at, random) => 50 * random))
    expect(tooth.error).toBeGreaterThan(2 * rough.error)
    expect(isGrowing(tooth, 0)).toBe(false)
  })

  it('says nothing of a few', () => {
    expect(driftOf(series(7, (at) => at))).toBeUndefined()
  })
})

describe('the floor under measurements', () => {
  it('is the least of each stretch', () => {
    expect(
      floorOf(
        series(200, (at) => at % 50),
        4,
      ).map(({ value }) => value),
    ).toEqual([0, 0, 0, 0])
  })

  it('rises with what leaks under what comes and goes', () => {
    const points = series(400, (at) => 0.1 * at + 100 * (at % 9))
    const { slope } = drift(floorOf(points, 20))
    expect(slope).toBeCloseTo(0.1, 1)
    expect(isGrowing(drift(floorOf(points, 20)), 0.05)).toBe(true)
  })

  it('leaves out stretches in which nobody measured', () => {
    const points = series(100, (at) => at).filter(({ at }) => at < 20 || at > 80)
    expect(floorOf(points, 10)).toHaveLength(4)
  })
})

describe('a series without another', () => {
  const at = (points: readonly (readonly [number, number])[]): Point[] =>
    points.map(([when, value]) => ({ at: when, value }))

  it('takes off the smaller of the neighbours in time, and the only one at the ends', () => {
    const less = at([[2, 8], [4, 16], [6, 10]]) // prettier-ignore
    const points = at([[1, 100], [3, 100], [4, 100], [5, 100], [7, 100]]) // prettier-ignore
    expect(without(points, less).map(({ value }) => value)).toEqual([92, 92, 92, 90, 90])
  })

  it('is itself without anything', () => {
    expect(without(at([[1, 5]]), [])).toEqual(at([[1, 5]]))
  })

  it('does not grow where only the other does', () => {
    const young = series(30, (index) => (index < 10 ? 8 : 16))
    const whole = series(300, (index, random) => 100 + (index < 100 ? 8 : 16) + random)
    const aligned = whole.map((point) => ({ at: point.at / 10, value: point.value }))
    expect(isGrowing(drift(floorOf(aligned, 24)), 0.1)).toBe(true)
    expect(isGrowing(drift(floorOf(without(aligned, young), 24)), 0.1)).toBe(false)
  })
})
