/** Every target on its seeds and some thousand mutations of them. For millions: `node test/fuzz/main.ts`. */
import { describe, expect, it } from 'vitest'
import { instrument } from './instrument.ts'
import { fuzz } from './own-engine.ts'
import { Mutator } from './mutator.ts'
import { TARGETS } from './targets/all-targets.ts'
import type { FuzzTarget } from './targets/fuzz-target.ts'

const EXECUTIONS = 1500
/** The same each time; `npm run fuzz` takes others. */
const seed = 20_261_121

describe('whatever comes in', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s stands it', async (_, target) => {
    const figures = await fuzz(target, EXECUTIONS, seed)
    expect(figures.findings, `seed ${seed}`).toEqual([])
    expect(figures.executions).toBeGreaterThanOrEqual(EXECUTIONS)
  })
})

describe('the engine', () => {
  const broken: FuzzTarget = {
    name: 'broken',
    seeds: ['abc'],
    words: ['X'],
    run(bytes) {
      if (bytes.includes('XbX')) throw new Error('found')
    },
  }

  it('finds what is wrong, and gives the input that shows it', async () => {
    const { findings } = await fuzz(broken, 20_000, 7)
    expect(findings).toHaveLength(1)
    expect(findings[0]?.input).toContain('XbX')
  })

  it('counts each way that a program can go, and leaves its meaning alone', () => {
    const source = `(function f(n) {
      if (n > 1) { n += 1 } else n -= 1
      for (const one of [1, 2]) n += one
      switch (n) { case 3: n = 30; default: n += 0 }
      return n > 5 && (n % 2 ? 'odd' : 'even')
    })`
    const { text, places } = instrument(source)
    const counts = new Uint8Array(places)
    Object.assign(globalThis, { __portico_coverage: counts })
    const [plain, counted] = [source, text].map((code) => (0, eval)(code) as (n: number) => unknown)
    for (const n of [0, 1, 2, 3]) expect(counted?.(n)).toBe(plain?.(n))
    expect(Array.from(counts)).toEqual([2, 2, 8, 1, 4, 1, 2, 3])
  })

  it('is guided by what is reached', async () => {
    const counts = new Uint8Array(4)
    const deep: FuzzTarget = {
      name: 'deep',
      seeds: ['....'],
      run(bytes) {
        // one letter after the other: all four at once would be one in 2^32
        for (let at = 0; at < 4 && bytes[at] === 'deep'.charCodeAt(at); at += 1) counts[at] = 1
        if (bytes.toString() === 'deep') throw new Error('reached')
      },
    }
    const { findings, reached } = await fuzz(deep, 200_000, 5, counts)
    expect(findings.map(({ input }) => input)).toContain('"deep"')
    expect(reached).toBe(4)
  })

  it('makes the same inputs of the same seed', () => {
    const make = (number: number) => {
      const inputs = new Mutator(broken, number)
      return Array.from({ length: 50 }, () => inputs.next().toString('latin1'))
    }
    expect(make(3)).toEqual(make(3))
    expect(make(3)).not.toEqual(make(4))
  })
})
