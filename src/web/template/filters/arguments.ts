import { toInteger } from '../python/number.ts'
import { pythonRepr } from '../python/string.ts'

/** @throws TypeError where Python's `int` raises. */
export function requireInteger(value: unknown): number {
  const number = toInteger(value)
  if (number === undefined)
    throw new TypeError(`invalid literal for int() with base 10: ${pythonRepr(value)}`)
  return number
}
