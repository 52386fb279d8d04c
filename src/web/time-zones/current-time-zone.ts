/** The time zone in which people read and write times: of the settings, or of one visitor. */
import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<string>()

/** An IANA name: of the innermost `withTimeZone`, which a request is in with `settings.timeZone`. Default `UTC`. */
export const currentTimeZone = (fallback = 'UTC'): string => storage.getStore() ?? fallback

/**
 * Runs `fn`, and all that it calls or awaits, in another time zone: forms read and show times in it, templates show
 * them (Django's `timezone.override`). A middleware gives each visitor theirs with it.
 *
 * @throws RangeError for a name that is no time zone
 */
export function withTimeZone<T>(timeZone: string, fn: () => T): T {
  assertTimeZone(timeZone)
  return storage.run(timeZone, fn)
}

/** Finite: there are some hundred names, and others are refused. */
const known = new Set<string>()

/** @throws RangeError for a name that is no time zone */
export function assertTimeZone(timeZone: string): void {
  if (known.has(timeZone)) return
  new Intl.DateTimeFormat('en', { timeZone })
  known.add(timeZone)
}
