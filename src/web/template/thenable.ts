import type { Context } from './context.ts'

/** Any value of a context may be a promise, or something lazy that can be awaited, such as a query set. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const candidate: { readonly then?: unknown } = value
  return typeof candidate.then === 'function'
}

/**
 * Runs `next` at once when the value is there, and after it otherwise. `next` gets the context as an argument
 * so that it can be made once, when the template is compiled, and not once per rendering.
 */
export function chain<R>(
  value: unknown,
  context: Context,
  next: (value: unknown, context: Context) => R | Promise<R>,
): R | Promise<R> {
  if (!isThenable(value)) return next(value, context)
  return Promise.resolve(value).then((settled) => next(settled, context))
}

/** Gives a value, or a promise of it. */
export type Resolver = (context: Context) => unknown

/** The values of several expressions, evaluated from left to right. */
export function resolveAll(resolvers: readonly Resolver[], context: Context): unknown[] | Promise<unknown[]> {
  const values: unknown[] = []
  for (const resolve of resolvers) {
    const value = resolve(context)
    if (isThenable(value)) return resolveRest(resolvers, context, values, value)
    values.push(value)
  }
  return values
}

async function resolveRest(
  resolvers: readonly Resolver[],
  context: Context,
  values: unknown[],
  pending: PromiseLike<unknown>,
): Promise<unknown[]> {
  values.push(await pending)
  for (const resolve of resolvers.slice(values.length)) values.push(await resolve(context))
  return values
}
