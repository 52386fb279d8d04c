import { datePart } from './dates/date-attributes.ts'
import { isPlainObject } from './python/string.ts'
import { TEXT_METHODS } from './python/text-methods.ts'

type AnyFunction = (...args: never[]) => unknown

const DATE_READERS = Object.getOwnPropertyNames(Date.prototype).filter((name) => /^(get|toISO)/.test(name))

/** The methods of the language's own classes that templates may call: without arguments they change nothing. */
const HARMLESS: readonly (readonly [prototype: object, names: readonly string[]])[] = [
  [Date.prototype, DATE_READERS],
  [Array.prototype, ['entries', 'keys', 'values', 'flat', 'toReversed']],
  [Set.prototype, ['entries', 'keys', 'values']],
  [URLSearchParams.prototype, ['toString', 'entries', 'keys', 'values']],
]

const harmless: ReadonlySet<unknown> = new Set(
  HARMLESS.flatMap(([prototype, names]) => names.map((name): unknown => Reflect.get(prototype, name))),
)

const bufferPrototype: object = Object.getPrototypeOf(Buffer.alloc(0)) as object
const bufferMethods: ReadonlySet<unknown> = new Set(
  Object.getOwnPropertyNames(bufferPrototype).map((name): unknown => Reflect.get(bufferPrototype, name)),
)

const builtin = new WeakMap<AnyFunction, boolean>()

/**
 * Whether an inherited method belongs to the language or the platform and could do harm: `list.pop` or `set.clear` in
 * a template would change data. The text of such functions says that they are native.
 */
export function isHarmfulBuiltin(method: AnyFunction): boolean {
  let known = builtin.get(method)
  if (known === undefined) {
    const isNative = Function.prototype.toString.call(method).endsWith('{ [native code] }')
    known = !harmless.has(method) && (isNative || bufferMethods.has(method))
    builtin.set(method, known)
  }
  return known
}

/**
 * What a Python object of the kind would answer to: `items`, `keys` and `values` of mappings, `upper` and the like
 * of strings, the parts of a date. Only those without arguments, and none that changes anything.
 */
export function pseudoAttribute(target: unknown, name: string): unknown {
  if (typeof target === 'string') return name === 'length' ? target.length : TEXT_METHODS.get(name)?.(target)
  if (target instanceof Map) return name === 'size' ? target.size : mappingView(target, name)
  if (target instanceof Date) return datePart(target, name)
  if (!MAPPING_VIEWS.has(name) || !isPlainObject(target)) return undefined
  return mappingView(new Map(Object.entries(target)), name)
}

const MAPPING_VIEWS: ReadonlySet<string> = new Set(['items', 'entries', 'keys', 'values'])

function mappingView(map: ReadonlyMap<unknown, unknown>, name: string): unknown {
  switch (name) {
    case 'items':
    case 'entries':
      return [...map]
    case 'keys':
      return [...map.keys()]
    case 'values':
      return [...map.values()]
    default:
      return undefined
  }
}
