/**
 * Synchronous until something waits: a request through synchronous code makes no promise and skips no turn of the
 * event loop.
 */

/** A value that is here, or one to wait for. */
export type MaybePromise<T> = T | Promise<T>

/** Reads `then` instead of asking whether it is there: the engine remembers where reads lead, and `in` it looks up. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (typeof value !== 'object' || value === null) return false
  const candidate: { readonly then?: unknown } = value
  return typeof candidate.then === 'function'
}

/** Calls `next` with the value, at once when it is here. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** `attempt()`, with what it throws now or later given to `rescue`. */
export function rescued<R>(
  attempt: () => MaybePromise<R>,
  rescue: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  try {
    const value = attempt()
    return isPromise(value) ? Promise.resolve(value).catch(rescue) : value
  } catch (error) {
    return rescue(error)
  }
}

/** All values, at once when all of them are here. */
export function allOf<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  const here: T[] = []
  for (const value of values) {
    if (isPromise(value)) return Promise.all(values)
    here.push(value)
  }
  return here
}
