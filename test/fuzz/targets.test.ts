/** Every target on its seeds and some thousand mutations of them. For millions: `node test/fuzz/main.ts`. */
import { describe, expect, it } from 'vitest'
import { fuzz } from './own-engine.ts'
import { Mutator } from './mutator.ts'
import { TARGETS } from './targets/all-targets.ts'
import type { FuzzTarget } from './targets/fuzz-target.ts'

const EXECUTIONS = 1500
const seed = Date.now() % 0x7fff_ffff

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

  it('makes the same inputs of the same seed', () => {
    const make = (number: number) => {
      const inputs = new Mutator(broken, number)
      return Array.from({ length: 50 }, () => inputs.next().toString('latin1'))
    }
    expect(make(3)).toEqual(make(3))
    expect(make(3)).not.toEqual(make(4))
  })
})
