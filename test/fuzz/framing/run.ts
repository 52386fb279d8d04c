/** Many conversations at a time, seeded. */
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { connections } from '../http1-requests.ts'
import { disagreement, type AgreementCount } from './agreement.ts'
import { pairs, type Pair } from './pairs.ts'
import { readRequests, STRICT } from './reference-parser.ts'
import { expectedForwarded } from './seen.ts'
import type { Behind, FramingTiers, Rules } from './tiers.ts'

export interface FramingFigures extends AgreementCount {
  conversations: number
  readonly faults: string[]
}

interface Case {
  readonly bytes: string
  readonly rules: Rules
  readonly sizes: readonly number[]
}

const AT_ONCE = 12
/** Cases made at a time. */
const BATCH = 500
const BEHIND: readonly Behind[] = ['upstream', 'application']
const MAX_FAULTS = 20

export type FramingKind = 'pairs' | 'connections'

/** `total` cases, each put to the upstream and to the application. */
export async function runFraming(
  tiers: FramingTiers,
  kind: FramingKind,
  total: number,
  seed: number,
): Promise<FramingFigures> {
  const figures: FramingFigures = { accepted: 0, refused: 0, conversations: 0, faults: [] }
  for (let done = 0; done < total && figures.faults.length < MAX_FAULTS; done += BATCH) {
    const size = Math.min(BATCH, total - done)
    const queue = cases(kind, size, seed + done, figures.faults)
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(tiers, queue, figures)))
  }
  return figures
}

async function work(tiers: FramingTiers, queue: Case[], figures: FramingFigures): Promise<void> {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const behind of BEHIND) {
      figures.conversations += 1
      const fault = await disagreement(tiers, { ...next, behind }, figures).catch(
        (error: unknown) => `${String(error)} for ${JSON.stringify(next)}`,
      )
      if (fault !== undefined) figures.faults.push(fault)
    }
  }
}

function cases(kind: FramingKind, numRuns: number, seed: number, faults: string[]): Case[] {
  const way = fc.record({
    rules: fc.constantFrom<Rules>('strict', 'default'),
    sizes: fc.oneof(
      fc.constant([]),
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 4 }),
    ),
  })
  if (kind === 'connections') {
    return fc.sample(fc.tuple(connections, way), { numRuns, seed }).map(([bytes, how]) => ({ bytes, ...how }))
  }
  return fc.sample(fc.tuple(pairs, way), { numRuns, seed }).map(([pair, how]) => {
    const fault = misread(pair)
    if (fault !== undefined) faults.push(fault)
    return { bytes: pair.bytes, ...how }
  })
}

/** The reference itself has to see the two requests that were written. */
function misread({ bytes, requests }: Pair): string | undefined {
  const reading = readRequests(bytes, STRICT)
  const read = reading.requests.map(expectedForwarded)
  if (reading.end === 'done' && isDeepStrictEqual(read, requests)) return undefined
  return `the reference reads ${JSON.stringify(reading)} in ${JSON.stringify(bytes)}`
}
