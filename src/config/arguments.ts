/** Readers of one argument: text in, value out, refusals in the words of nginx's slots (ngx_conf_set_*_slot). */
import { type ComplexValue, parseComplexValue } from './complex-value.ts'
import type { ParseContext } from './directive.ts'
import { parseMilliseconds, parseSeconds } from '../util/duration.ts'
import { parseDigits, parseOffset, parseSize } from '../util/size.ts'

/** Gives the value of one argument, or ends through `at.fail`. */
export type ReadArgument<V> = (text: string, at: ParseContext) => V

export interface Bounds {
  readonly min: number
  /** None: no upper bound but that of exact numbers. */
  readonly max?: number
}

export const readText: ReadArgument<string> = (text) => text

export const readFlag: ReadArgument<boolean> = (text, at) => {
  const flag = text.toLowerCase()
  if (flag === 'on' || flag === 'off') return flag === 'on'
  return at.fail(`invalid value "${text}" in "${at.statement.name}" directive, it must be "on" or "off"`)
}

/** Bytes, `k` and `m`. */
export const readSize: ReadArgument<number> = (text, at) => valid(parseSize(text), at)

/** Bytes, `k`, `m` and `g`. */
export const readOffset: ReadArgument<number> = (text, at) => valid(parseOffset(text), at)

export const readMilliseconds: ReadArgument<number> = (text, at) => valid(parseMilliseconds(text), at)

export const readSeconds: ReadArgument<number> = (text, at) => valid(parseSeconds(text), at)

function valid(value: number | undefined, at: ParseContext): number {
  return value ?? at.fail(`"${at.statement.name}" directive invalid value`)
}

export function readNumber(bounds: Bounds = { min: 0 }): ReadArgument<number> {
  return (text, at) => {
    const value = parseDigits(text) ?? at.fail(`"${at.statement.name}" directive invalid number`)
    if (value >= bounds.min && value <= (bounds.max ?? Infinity)) return value
    if (bounds.max === undefined) return at.fail(`value must be equal to or greater than ${bounds.min}`)
    return at.fail(`value must be between ${bounds.min} and ${bounds.max}`)
  }
}

/** One of `values`, without regard to case. */
export function readChoice<const T extends string>(values: readonly T[]): ReadArgument<T> {
  return (text, at) => {
    const lower = text.toLowerCase()
    return values.find((value) => value.toLowerCase() === lower) ?? at.fail(`invalid value "${text}"`)
  }
}

/** A path, absolute: `conf` is relative to the conf's folder, `prefix` to that of `-p`. */
export function readPath(base: 'conf' | 'prefix'): ReadArgument<string> {
  return (text, at) => at.path(text, base)
}

/** A path with variables; one that begins with a variable is absolute by itself. */
export function readComplexPath(base: 'conf' | 'prefix'): ReadArgument<ComplexValue> {
  return (text, at) => parseComplexValue(text.startsWith('$') ? text : at.path(text, base))
}

/** The word `off`, exactly, or what `read` reads. */
export function readUnlessOff<V>(read: ReadArgument<V>): ReadArgument<V | 'off'> {
  return (text, at) => (text === 'off' ? 'off' : read(text, at))
}
