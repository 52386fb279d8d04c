import { describe, expect, it } from 'vitest'
import { driftOf, type Point } from './drift.ts'

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

describe('a line through measurements', () => {
  it('is exact where they lie on one', () => {
    const drift = driftOf(series(20, (at) => 5 + 3 * at))
    expect(drift?.slope).toBeCloseTo(3)
    expect(drift?.low).toBeCloseTo(3)
  })

  it('does not tell noise from nothing', () => {
    const drift = driftOf(series(200, (_at, random) => 50 + random))
    expect(drift?.low).toBeLessThan(0)
    expect(drift?.high).toBeGreaterThan(0)
  })

  it('sees a leak through noise', () => {
    expect(driftOf(series(200, (at, random) => 50 + 0.02 * at + random))?.low).toBeGreaterThan(0.01)
  })

  it('trusts a saw-tooth less than noise', () => {
    const tooth = driftOf(series(200, (at) => at % 50))
    const rough = driftOf(series(200, (_at, random) => 50 * random))
    const width = (drift: typeof tooth): number => (drift?.high ?? 0) - (drift?.low ?? 0)
    expect(width(tooth)).toBeGreaterThan(2 * width(rough))
    expect(tooth?.low).toBeLessThan(0)
  })

  it('says nothing of a few', () => {
    expect(driftOf(series(7, (at) => at))).toBeUndefined()
  })
})
