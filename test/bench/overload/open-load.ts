/**
 * Asks at a rate that does not care how the server fares, as strangers do: an open loop.
 *
 * Rules of this file:
 * - A request is due at a moment that is fixed beforehand, and its latency counts from there: neither a server that is
 *   late nor a generator that is late makes the load smaller or the figures better (no "coordinated omission").
 * - One that is due gets a connection at once: one that is kept and idle, or a new one.
 */
import { AnswerConnection, type Outcome } from './answer-connection.ts'

export interface Phase {
  readonly name: string
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
}

export interface OpenLoad {
  readonly port: number
  readonly path: string
  /** One after the other. */
  readonly phases: readonly Phase[]
  /** The part of the requests that bring a connection of their own and close it, 0 to 1. */
  readonly fresh: number
  /** How long a visitor waits before he goes away. */
  readonly giveUpMs: number
}

export interface Sample {
  /** When it was due, milliseconds from the beginning of its phase. */
  readonly dueMs: number
  /** From then to the last byte of its answer, or to its failure. */
  readonly tookMs: number
  readonly outcome: Outcome
}

export interface PhaseSamples {
  readonly phase: Phase
  readonly samples: Sample[]
  /** How late requests were begun, the worst; the generator's own doing. */
  lagMs: number
}

/** Idle connections beyond them are closed. */
const MAX_KEPT = 256
const TICK_MS = 1

export async function runOpenLoad(load: OpenLoad): Promise<PhaseSamples[]> {
  const results: PhaseSamples[] = []
  const kept: AnswerConnection[] = []
  const under: Promise<void>[] = []
  for (const phase of load.phases) {
    const result: PhaseSamples = { phase, samples: [], lagMs: 0 }
    results.push(result)
    await offer(load, result, kept, under)
  }
  await Promise.all(under)
  for (const connection of kept) connection.close()
  return results
}

function offer(
  load: OpenLoad,
  result: PhaseSamples,
  kept: AnswerConnection[],
  under: Promise<void>[],
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { rate, seconds } = result.phase
  const total = Math.round(rate * seconds)
  const startMs = performance.now()
  let begun = 0
  let freshDebt = 0
  const timer = setInterval(() => {
    const nowMs = performance.now() - startMs
    for (; begun < total && (begun * 1000) / rate <= nowMs; begun += 1) {
      const dueMs = (begun * 1000) / rate
      result.lagMs = Math.max(result.lagMs, nowMs - dueMs)
      freshDebt += load.fresh
      const isFresh = freshDebt >= 1
      if (isFresh) freshDebt -= 1
      under.push(ask(load, result, kept, { dueMs, startMs, isFresh }))
    }
    if (nowMs < seconds * 1000 || begun < total) return
    clearInterval(timer)
    resolve()
  }, TICK_MS)
  return promise
}

async function ask(
  load: OpenLoad,
  { samples }: PhaseSamples,
  kept: AnswerConnection[],
  { dueMs, startMs, isFresh }: { dueMs: number; startMs: number; isFresh: boolean },
): Promise<void> {
  const connection = (isFresh ? undefined : takeOpen(kept)) ?? new AnswerConnection(load.port)
  const outcome = await connection.ask(load.path, isFresh, load.giveUpMs)
  samples.push({ dueMs, tookMs: performance.now() - startMs - dueMs, outcome })
  if (connection.open && kept.length < MAX_KEPT) kept.push(connection)
  else connection.close()
}

/** The one that was used last: the others may have been closed meanwhile. */
function takeOpen(kept: AnswerConnection[]): AnswerConnection | undefined {
  for (let connection = kept.pop(); connection; connection = kept.pop())
    if (connection.open) return connection
  return undefined
}

/** So many clients, each of which asks again when it was answered: requests per second with status 200. */
export async function runClosedLoop(
  load: Pick<OpenLoad, 'port' | 'path' | 'giveUpMs'>,
  clients: number,
  seconds: number,
): Promise<number> {
  const startMs = performance.now()
  const endMs = startMs + seconds * 1000
  let answered = 0
  const client = async (): Promise<void> => {
    let connection = new AnswerConnection(load.port)
    while (performance.now() < endMs) {
      if (!connection.open) connection = new AnswerConnection(load.port)
      if ((await connection.ask(load.path, false, load.giveUpMs)) === 200) answered += 1
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
  return (answered * 1000) / (performance.now() - startMs)
}
