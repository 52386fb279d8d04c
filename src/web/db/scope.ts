import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from './database.ts'
import type { Databases } from './databases.ts'
import type { Frame } from './frame.ts'

/** One query that ran, for a request's trace. */
export interface QueryEvent {
  readonly database: string
  readonly sql: string
  readonly parameterCount: number
  readonly ms: number
  readonly failed: boolean
}

/** Hears of each query of a piece of work, when it is over. */
export type QueryListener = (event: QueryEvent) => void

/** What holds for everything that a piece of asynchronous work calls. */
export interface Scope {
  readonly databases: Databases | null
  readonly frames: ReadonlyMap<Database, Frame>
  readonly onQuery: QueryListener | null
}

const nothing: Scope = { databases: null, frames: new Map(), onQuery: null }
const storage = new AsyncLocalStorage<Scope>()

export const currentScope = (): Scope => storage.getStore() ?? nothing

/**
 * Runs `fn` with parts of the scope replaced. A queryset that `fn` returns is read at once: it would be awaited
 * outside, where another database may be the current one, or the transaction over.
 */
export function withScope<T>(change: Partial<Scope>, fn: () => T): T {
  const { databases, frames, onQuery } = currentScope()
  const scope: Scope = {
    databases: change.databases ?? databases,
    frames: change.frames ?? frames,
    onQuery: change.onQuery ?? onQuery,
  }
  return storage.run(scope, begin<T>, fn)
}

function begin<T>(fn: () => T): T {
  const result = fn()
  if (isLazy(result)) result.then(ignore, ignore)
  return result
}

const ignore = (): void => undefined

const isLazy = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'isQuerySet' in value
