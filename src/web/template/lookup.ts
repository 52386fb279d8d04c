import { attribute, callFound, isFunction } from './attribute.ts'
import type { Context } from './context.ts'
import { isThenable, type Resolver } from './thenable.ts'

/** A dotted name, cut at the dots. */
export interface Path {
  readonly head: string
  readonly rest: readonly string[]
  /** Stands in for what must not be called; the engine's `stringIfInvalid`. */
  readonly invalid: string
}

/** `lookUp` for one path. A name by itself and one with one dot, which most are, need no loop. */
export function pathReader(path: Path): Resolver {
  const [name] = path.rest
  if (name === undefined || path.rest.length > 1) return (context) => lookUp(context, path)
  return (context) => {
    try {
      const target = headOf(context, path)
      const value = attribute(target, name)
      if (value === undefined) return isThenable(target) ? followLater(target, path, 0) : undefined
      return isFunction(value) ? callFound(value, target, path.invalid, name) : value
    } catch (error) {
      return silenced(error, path)
    }
  }
}

/** Follows a dotted name. `undefined` when it leads nowhere; a promise when something on the way is one. */
export function lookUp(context: Context, path: Path): unknown {
  try {
    const head = headOf(context, path)
    return path.rest.length === 0 ? head : follow(head, path, 0)
  } catch (error) {
    return silenced(error, path)
  }
}

function headOf(context: Context, path: Path): unknown {
  const value = context.get(path.head)
  return isFunction(value) ? callFound(value, undefined, path.invalid) : value
}

function follow(start: unknown, path: Path, from: number): unknown {
  const { rest } = path
  let current = start
  for (let i = from; i < rest.length; i++) {
    const target = current
    const name = rest[i] ?? ''
    current = attribute(target, name)
    // A promise has no attributes of its own to offer. Something lazy may, such as a query set its `count`.
    if (current === undefined) return isThenable(target) ? followLater(target, path, i) : undefined
    if (isFunction(current)) current = callFound(current, target, path.invalid, name)
  }
  return current
}

async function followLater(pending: PromiseLike<unknown>, path: Path, from: number): Promise<unknown> {
  try {
    return await follow(await pending, path, from)
  } catch (error) {
    return silenced(error, path)
  }
}

/** An error can ask to count as an invalid variable: an object that does not exist, mostly. */
function silenced(error: unknown, path: Path): string {
  const asksForSilence =
    typeof error === 'object' &&
    error !== null &&
    'silentVariableFailure' in error &&
    error.silentVariableFailure === true
  if (!asksForSilence) throw error
  return path.invalid
}
