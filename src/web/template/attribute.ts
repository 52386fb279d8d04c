import { isHarmfulBuiltin, pseudoAttribute } from './builtin-attributes.ts'
import { SafeString } from './safe-string.ts'

type AnyFunction = (...args: never[]) => unknown

/** What a function can say of itself to templates. */
interface FunctionMarks {
  /** It changes data, as a model's `save` and `delete` do. */
  readonly altersData?: boolean
  /** It is a value itself: handed on, not called. */
  readonly doNotCallInTemplates?: boolean
}

/** Marks a function as one that changes data: templates show `stringIfInvalid` instead of calling it. */
export function altersData<F extends AnyFunction>(target: F): F {
  return Object.assign(target, { altersData: true })
}

/**
 * One step of a dotted name: an entry, a property or an element of `target`. `undefined` when there is none. Functions
 * come back uncalled. Names that lead to the machinery of the language are never followed.
 */
export function attribute(target: unknown, name: string): unknown {
  if (typeof target === 'object') return target === null ? undefined : property(target, name)
  if (typeof target === 'string') return textAttribute(target, name)
  if (typeof target !== 'function' || isGuarded(name)) return undefined
  // What a class has, and its parent classes, but not what every function has.
  return Object.hasOwn(target, name) || !(name in Function.prototype) ? Reflect.get(target, name) : undefined
}

function property(target: object, name: string): unknown {
  if (target instanceof Map) return mapEntry(target, name)
  if (target instanceof SafeString) return textAttribute(target.value, name)
  if (isGuarded(name)) return guardedProperty(target, name)
  const value: unknown = Reflect.get(target, name)
  if (value === undefined) return pseudoAttribute(target, name)
  return isFunction(value) ? method(target, name, value) : value
}

export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}

/** `constructor`, `prototype`, and all that starts with an underscore. */
function isGuarded(name: string): boolean {
  return name === 'constructor' || name === 'prototype' || name.charCodeAt(0) === 0x5f
}

/** A visitor's JSON may well have a key `constructor`: as data of the object's own it is harmless. */
function guardedProperty(target: object, name: string): unknown {
  if (name.charCodeAt(0) === 0x5f || !Object.hasOwn(target, name)) return undefined
  const value: unknown = Reflect.get(target, name)
  return isFunction(value) ? undefined : value
}

const INDEX = /^\d+$/

function mapEntry(map: ReadonlyMap<unknown, unknown>, name: string): unknown {
  const value = map.get(name)
  if (value !== undefined || map.has(name)) return value
  if (INDEX.test(name) && map.has(Number(name))) return map.get(Number(name))
  return pseudoAttribute(map, name)
}

function textAttribute(text: string, name: string): unknown {
  return INDEX.test(name) ? Array.from(text)[Number(name)] : pseudoAttribute(text, name)
}

/** A method of the object or of its class. Those of the language's own classes only where they cannot do harm. */
function method(target: object, name: string, value: AnyFunction): unknown {
  if (Object.hasOwn(target, name) || !isHarmfulBuiltin(value)) return value
  return pseudoAttribute(target, name)
}

const classes = new WeakMap<AnyFunction, boolean>()

/** Classes cannot be called without `new`. Only the source text tells them from functions. */
function isClass(target: AnyFunction): boolean {
  // Arrow functions and methods: most of what a context has is made anew for every request, too young for the memory.
  if (!Object.hasOwn(target, 'prototype')) return false
  let known = classes.get(target)
  if (known === undefined) {
    known = /^class\b/.test(Function.prototype.toString.call(target))
    classes.set(target, known)
  }
  return known
}

/** Methods of these names change data unless they say that they do not: JavaScript marks nothing by itself. */
const CHANGING: ReadonlySet<string> = new Set(
  'save delete destroy remove clear create update insert truncate drop flush'.split(' '),
)

/**
 * Calls a function found in a context, when it can be called without arguments and may be; see `altersData`.
 * @param name of the attribute that it was; missing for a name of the context itself
 */
export function callFound(
  found: AnyFunction & FunctionMarks,
  receiver: unknown,
  stringIfInvalid: string,
  name?: string,
): unknown {
  if (found.doNotCallInTemplates === true || isClass(found)) return found
  const changesData = found.altersData ?? (name !== undefined && CHANGING.has(name))
  if (changesData || found.length > 0) return stringIfInvalid
  const result: unknown = Reflect.apply(found, receiver, [])
  return result
}
