/**
 * The time zone in which people read and write times, and in which the database tells what day a moment is on: of the
 * settings, or of one visitor.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<string>()

/** Outside of every `withTimeZone`: the last that is bound. */
let processTimeZone = 'UTC'
const bindings: { readonly timeZone: string }[] = []

/**
 * An IANA name: of the innermost `withTimeZone`, which a request is in with `settings.timeZone`. Outside of these the
 * `settings.timeZone` of the process: of its last application (`getWsgiApplication`), of a command of `portico manage`,
 * of a test with `testSite`. Default `UTC`.
 */
export const currentTimeZone = (fallback = processTimeZone): string => storage.getStore() ?? fallback

/**
 * Runs `fn`, and all that it calls or awaits, in another time zone: forms read and show times in it, templates show
 * them, and look-ups and functions of date-times take days, months and hours in it (Django's `timezone.override`). A
 * middleware gives each visitor theirs with it. A queryset asks in the zone in which it is awaited: `fn` must be
 * asynchronous, or await it.
 *
 * @throws RangeError for a name that is no time zone
 */
export function withTimeZone<T>(timeZone: string, fn: () => T): T {
  assertTimeZone(timeZone)
  return storage.run(timeZone, fn)
}

/**
 * For a process that is about one site only. Gives what ends it, in whatever order they end.
 *
 * @throws RangeError for a name that is no time zone
 */
export function bindTimeZone(timeZone: string): () => void {
  assertTimeZone(timeZone)
  const binding = { timeZone }
  bindings.push(binding)
  processTimeZone = timeZone
  return () => {
    const at = bindings.indexOf(binding)
    if (at >= 0) bindings.splice(at, 1)
    processTimeZone = bindings.at(-1)?.timeZone ?? 'UTC'
  }
}

/** Some hundred names, each in any case: the limit is for those that visitors give. */
const known = new Set<string>()
const KNOWN_LIMIT = 2000

/** @throws RangeError for a name that is no time zone */
export function assertTimeZone(timeZone: string): void {
  if (known.has(timeZone)) return
  new Intl.DateTimeFormat('en', { timeZone })
  if (known.size >= KNOWN_LIMIT) known.clear()
  known.add(timeZone)
}
