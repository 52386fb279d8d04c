import type { Context } from './context.ts'
import { pythonString } from './python/string.ts'
import { isHtmlSafe, SafeString } from './safe-string.ts'

/**
 * `argument` is `undefined` when none was given. String literals of a template arrive as SafeString: what the author
 * of a template writes is HTML.
 */
export type FilterFunction = (value: unknown, argument: unknown, context: Context) => unknown

/** How a filter takes its argument, and whether it keeps safe text safe. */
export interface FilterOptions {
  /** Default: required for functions with two parameters or more, otherwise optional. */
  readonly argument?: 'none' | 'optional' | 'required'
  /** Puts no character into safe input that would need escaping: safe input gives safe output. */
  readonly isSafe?: boolean
}

export interface Filter {
  readonly name: string
  readonly apply: FilterFunction
  readonly argument: 'none' | 'optional' | 'required'
  readonly isSafe: boolean
}

export function defineFilter(name: string, apply: FilterFunction, options: FilterOptions = {}): Filter {
  const argument = options.argument ?? (apply.length >= 2 ? 'required' : 'optional')
  return { name, apply, argument, isSafe: options.isSafe ?? false }
}

/** Applies a filter to a value that is there; its result may be a promise. */
export function applyFilter(filter: Filter, value: unknown, argument: unknown, context: Context): unknown {
  const result = filter.apply(value, argument, context)
  if (!filter.isSafe || typeof value !== 'object' || !isHtmlSafe(value)) return result
  return result instanceof SafeString ? result : new SafeString(pythonString(result))
}
