import { AsyncLocalStorage } from 'node:async_hooks'
import type { Trace } from './trace.ts'

/** Only while tracing is on does a request run inside a context: without it this costs nothing. */
const current = new AsyncLocalStorage<Trace>()

export function withTrace<R>(trace: Trace, run: () => R): R {
  return current.run(trace, run)
}

/** The trace of the request that this code runs for, when there is one. */
export function currentTrace(): Trace | undefined {
  return current.getStore()
}

/**
 * For the database layer: says that a query ran for the request that this code runs for.
 *
 * @param durationMs how long it took, up to now
 */
export function recordQuery(sql: string, durationMs: number): void {
  const trace = current.getStore()
  if (trace !== undefined) trace.add('query', sql, trace.elapsedMs - durationMs, durationMs)
}
