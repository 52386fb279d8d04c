/**
 * Rows of directive tables for the shapes that most directives have, as nginx has its slots: a row is one call.
 *
 *     export const sendfile = flagRow({ name: 'sendfile', contexts: HTTP, default: false, doc: '...' })
 */
import {
  type Bounds,
  type ReadArgument,
  readChoice,
  readComplexPath,
  readFlag,
  readMilliseconds,
  readNumber,
  readOffset,
  readPath,
  readSeconds,
  readSize,
  readText,
} from './arguments.ts'
import { type ComplexValue, parseComplexValue } from './complex-value.ts'
import type { Arity, Context, Directive, ListDirective, ParseContext } from './directive.ts'

/** What a row says of itself; the rest follows from its shape. */
export interface RowSpec {
  readonly name: string
  readonly contexts: readonly Context[]
  readonly doc: string
  /** nginx's syntax line, where the shape's own (`size`, `time`) says too little. */
  readonly syntax?: string
  readonly inherit?: boolean
  readonly noEffect?: string
}

export interface ValueSpec<V> extends RowSpec {
  readonly default: V
  readonly defaultText?: string
}

/** A directive with one argument. */
export function valueRow<V>(
  spec: ValueSpec<NoInfer<V>>,
  syntax: string,
  read: ReadArgument<V>,
  args: Arity = 1,
): Directive<V> {
  return { kind: 'single', args, syntax, ...spec, parse: ([word], at) => read(word?.text ?? '', at) }
}

/** A repeatable directive with one argument; an inner scope with its own inherits none. */
export function listRow<E>(spec: RowSpec, syntax: string, read: ReadArgument<E>): ListDirective<E> {
  return { kind: 'list', args: 1, syntax, ...spec, parse: ([word], at) => read(word?.text ?? '', at) }
}

export function flagRow(spec: ValueSpec<boolean>): Directive<boolean> {
  return valueRow({ defaultText: spec.default ? 'on' : 'off', ...spec }, 'on | off', readFlag, 'flag')
}

export function textRow<V = string>(spec: ValueSpec<V | string>): Directive<V | string> {
  return valueRow<V | string>(spec, 'string', readText)
}

export function numberRow(spec: ValueSpec<number>, bounds?: Bounds): Directive<number> {
  return valueRow({ defaultText: String(spec.default), ...spec }, 'number', readNumber(bounds))
}

/** Bytes in memory: `k`, `m`. */
export function sizeRow(spec: ValueSpec<number>): Directive<number> {
  return valueRow(spec, 'size', readSize)
}

/** Bytes in files and bodies: `k`, `m`, `g`. */
export function offsetRow(spec: ValueSpec<number>): Directive<number> {
  return valueRow(spec, 'size', readOffset)
}

/** The value is in milliseconds. */
export function millisecondsRow(spec: ValueSpec<number>): Directive<number> {
  return valueRow(spec, 'time', readMilliseconds)
}

/** The value is in seconds. */
export function secondsRow(spec: ValueSpec<number>): Directive<number> {
  return valueRow(spec, 'time', readSeconds)
}

export function choiceRow<const T extends string>(
  spec: ValueSpec<NoInfer<T>>,
  values: readonly T[],
): Directive<T> {
  return valueRow<T>({ defaultText: spec.default, ...spec }, values.join(' | '), readChoice(values))
}

export function pathRow<V = string>(
  spec: ValueSpec<V | string>,
  base: 'conf' | 'prefix',
): Directive<V | string> {
  return valueRow<V | string>(spec, 'path', readPath(base))
}

export function complexValueRow<V = ComplexValue>(
  spec: ValueSpec<V | ComplexValue>,
): Directive<V | ComplexValue> {
  return valueRow<V | ComplexValue>(spec, 'string', parseComplexValue)
}

/** Bytes in memory, or a value with variables that gives them. */
export function complexSizeRow<V = ComplexValue>(
  spec: ValueSpec<V | ComplexValue>,
): Directive<V | ComplexValue> {
  return valueRow<V | ComplexValue>(spec, 'size', (text, at) => {
    if (!text.includes('$')) readSize(text, at)
    return parseComplexValue(text)
  })
}

export function complexPathRow<V = ComplexValue>(
  spec: ValueSpec<V | ComplexValue>,
  base: 'conf' | 'prefix',
): Directive<V | ComplexValue> {
  return valueRow<V | ComplexValue>(spec, 'path', readComplexPath(base))
}

/** Several of some words (nginx's bitmask). Repeated in a scope, the sets are joined. */
export function choicesRow<const T extends string>(
  spec: ValueSpec<ReadonlySet<NoInfer<T>>>,
  values: readonly T[],
): Directive<ReadonlySet<T>> {
  const read = readChoice(values)
  return {
    kind: 'single',
    args: { min: 1 },
    syntax: `${values.join(' | ')} ...`,
    defaultText: Array.from(spec.default).join(' '),
    ...spec,
    parse: (args, at) => {
      const set = new Set<T>()
      for (const word of args) addOnce(set, read(word.text, at), word.text, at)
      return set
    },
    merge: (earlier, later, at) => {
      for (const value of later) if (earlier.has(value)) at.warn(`duplicate value "${value}"`)
      return new Set([...earlier, ...later])
    },
  }
}

function addOnce<T>(set: Set<T>, value: T, text: string, at: ParseContext): void {
  if (set.has(value)) at.warn(`duplicate value "${text}"`)
  set.add(value)
}

/** A number of buffers and the size of one. */
export interface Buffers {
  readonly count: number
  /** Bytes. */
  readonly size: number
}

export function buffersRow(spec: ValueSpec<Buffers>): Directive<Buffers> {
  const read = (text: string, size: string, at: ParseContext): Buffers => {
    const invalid = `"${spec.name}" directive invalid value`
    const count = /^[0-9]+$/.test(text) ? readNumber()(text, at) : at.fail(invalid)
    const buffers = { count, size: readSize(size, at) }
    return buffers.count > 0 && buffers.size > 0 ? buffers : at.fail(invalid)
  }
  return {
    kind: 'single',
    args: 2,
    syntax: 'number size',
    ...spec,
    parse: ([count, size], at) => read(count?.text ?? '', size?.text ?? '', at),
  }
}

/** A name and a value, repeatable (`proxy_set_header`, `fastcgi_param`); the value may hold variables. */
export interface KeyValue {
  readonly key: string
  readonly value: ComplexValue
}

export function keyValueRow(spec: RowSpec): ListDirective<KeyValue> {
  return {
    kind: 'list',
    args: 2,
    syntax: 'name value',
    ...spec,
    parse: ([key, value]) => ({ key: key?.text ?? '', value: parseComplexValue(value?.text ?? '') }),
  }
}
