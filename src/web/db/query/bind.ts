import { FieldError, ValueError } from '../errors.ts'
import { kinds } from '../fields/kinds.ts'
import type { ModelMeta } from '../model-meta.ts'
import { rowState } from '../row-state.ts'
import { assertKeywords } from '../keywords.ts'
import type { BoundExpression, BoundGroup, BoundNode, OutputType, RightSide } from './bound.ts'
import { containsAggregate } from './bound.ts'
import { Aggregate, Combined, Expression, Func, Literal, Reference } from './expressions.ts'
import type { AggregateName, FunctionName } from './expressions.ts'
import type { Lookup, Transform } from './lookups.ts'
import { lookupFor, lookups, transforms, unsupportedLookup } from './lookups.ts'
import { requirePath, walk } from './path.ts'
import { Condition } from './q.ts'
import type { QueryState } from './state.ts'
import { asSpan } from './year.ts'

/** Names in the metadata, values in their kinds: from keywords to what the compiler takes. */

export interface Names {
  readonly meta: ModelMeta
  readonly annotations: ReadonlyMap<string, BoundExpression>
}

/** How a queryset shows itself to a condition without a cycle between the modules. */
export interface HasState {
  readonly isQuerySet: true
  readonly state: QueryState
}

const isQuerySet = (value: unknown): value is HasState =>
  typeof value === 'object' && value !== null && 'isQuerySet' in value && value.isQuerySet === true

export type Filter = Condition | Readonly<Record<string, unknown>>

/** `filter(a, b)`: everything must hold. `exclude(a, b)`: not everything holds. */
export function bindFilters(names: Names, filters: readonly Filter[], negated: boolean): BoundGroup {
  const children: BoundNode[] = []
  for (const filter of filters) {
    if (filter instanceof Condition) {
      if (!filter.isEmpty) children.push(bindQ(names, filter))
    } else {
      assertKeywords(filter)
      for (const key of Object.keys(filter)) children.push(bindKeyword(names, key, filter[key]))
    }
  }
  return { type: 'group', connector: 'and', negated, children }
}

function bindQ(names: Names, q: Condition): BoundGroup {
  return {
    type: 'group',
    connector: q.connector,
    negated: q.negated,
    children: q.children.map((child) =>
      child instanceof Condition ? bindQ(names, child) : bindKeyword(names, ...child),
    ),
  }
}

interface Target {
  readonly left: BoundExpression
  readonly transform: Transform | null
  readonly lookup: Lookup
  readonly output: OutputType
}

function bindKeyword(names: Names, key: string, value: unknown): BoundNode {
  const target = resolveKeyword(names, key)
  const { lookup, right } = bindRight(names, target, key, value)
  const aggregate =
    containsAggregate(target.left) || (right.type === 'expression' && containsAggregate(right.expression))
  return asSpan({
    type: 'condition',
    left: target.left,
    transform: target.transform,
    lookup,
    right,
    aggregate,
  })
}

const exact = lookups.get('exact') as Lookup
const isnull = lookups.get('isnull') as Lookup

function resolveKeyword(names: Names, key: string): Target {
  const { left, rest } = resolveLeft(names, key)
  let output = left.output
  let transform: Transform | null = null
  const relation = left.type === 'path' && left.path.endsIn !== null
  for (const [i, part] of rest.entries()) {
    const lookup = lookups.get(part)
    if (lookup !== undefined && i === rest.length - 1) {
      if (relation && lookup.pattern === true)
        throw new FieldError(`Related Field got invalid lookup: ${part}`)
      return { left, transform, lookup, output }
    }
    if (relation) throw new FieldError(`Related Field got invalid lookup: ${part}`)
    const next = transforms.get(part)
    if (next?.families.includes(output.kind.family) !== true || transform !== null) {
      throw unsupportedLookup(part, output.kind)
    }
    transform = next
    output = next.output
  }
  return { left, transform, lookup: exact, output }
}

function resolveLeft(names: Names, key: string): { left: BoundExpression; rest: readonly string[] } {
  if (names.annotations.size > 0) {
    const [first = '', ...rest] = key.split('__')
    const of = names.annotations.get(first)
    if (of !== undefined) return { left: { type: 'annotation', name: first, of, output: of.output }, rest }
  }
  const { path, rest } = walk(names.meta, key, names.annotations.keys())
  return { left: { type: 'path', path, output: path.column }, rest }
}

function bindRight(
  names: Names,
  target: Target,
  key: string,
  value: unknown,
): { lookup: Lookup; right: RightSide } {
  const { lookup } = target
  if (value === undefined) throw new ValueError(`Cannot use undefined as a query value: ${key}`)
  if (value instanceof Expression) {
    return { lookup, right: { type: 'expression', expression: bindExpression(names, value) } }
  }
  if (lookup.shape === 'boolean') {
    if (typeof value !== 'boolean')
      throw new ValueError('The QuerySet value for an isnull lookup must be True or False.')
    return { lookup, right: { type: 'values', values: [value] } }
  }
  if (value === null) {
    if (lookup.name !== 'exact' && lookup.name !== 'iexact') {
      throw new ValueError('Cannot use None as a query value')
    }
    return { lookup: isnull, right: { type: 'values', values: [true] } }
  }
  if (isQuerySet(value)) return { lookup, right: bindQuery(lookup, value) }
  if (lookup.shape === 'one') {
    const chosen = { ...target, lookup: lookupFor(lookup, value) }
    return { lookup: chosen.lookup, right: { type: 'values', values: [prepare(chosen, key, value)] } }
  }
  if (typeof value === 'string' || !isIterable(value)) {
    throw new ValueError(`The value of ${key} must be a list of values.`)
  }
  const values = [...value].filter((item) => item !== null).map((item) => prepare(target, key, item))
  if (lookup.shape === 'two' && values.length !== 2) throw new ValueError(`${key} takes two values.`)
  // A set, as Django makes of it: the SQL depends on how many there are.
  return {
    lookup,
    right: { type: 'values', values: lookup.shape === 'many' ? [...new Set(values)] : values },
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

function bindQuery(lookup: Lookup, value: HasState): RightSide {
  const { state } = value
  if (state.values !== null && state.values.terms.length !== 1) {
    throw new ValueError(
      'The QuerySet value for a lookup must select one field, with values() or valuesList().',
    )
  }
  if (lookup.name !== 'in' && (lookup.name !== 'exact' || state.high !== state.low + 1)) {
    throw new ValueError(
      'The QuerySet value for an exact lookup must be limited to one result using slicing.',
    )
  }
  return { type: 'query', state }
}

function prepare(target: Target, key: string, value: unknown): unknown {
  if (value === undefined) throw new ValueError(`Cannot use undefined as a query value: ${key}`)
  const plain =
    target.left.type === 'path' ? keyOf(target.left.path.endsIn?.target ?? null, value, key) : value
  if (target.lookup.prepare !== undefined) return target.lookup.prepare(plain, target.output)
  // A decimal may be compared with any other, not only with one that its column could hold.
  const options =
    target.output.kind === kinds.decimal ? { places: 30, maxDigits: 200 } : target.output.options
  return prepareValue({ kind: target.output.kind, options }, key, plain)
}

/** A row stands for its primary key. */
function keyOf(target: ModelMeta | null, value: unknown, key: string): unknown {
  const state = rowState(value)
  if (state === null) return value
  if (target !== null && state.meta !== target) {
    throw new ValueError(`Cannot query "${state.meta.name}": Must be "${target.name}" instance (${key}).`)
  }
  const pk = state.read(state.meta.pk)
  if (pk === null || pk === undefined)
    throw new ValueError(`${key}: an unsaved ${state.meta.name} cannot be queried.`)
  return pk
}

export function prepareValue(output: OutputType, name: string, value: unknown): unknown {
  try {
    return output.kind.prepare(value, output.options)
  } catch (error) {
    if (error instanceof ValueError)
      throw new ValueError(`Field '${name}' ${error.message}`, { cause: error })
    throw error
  }
}

// --- expressions ---

const integer: OutputType = { kind: kinds.int, options: {} }
const float: OutputType = { kind: kinds.float, options: {} }
const text: OutputType = { kind: kinds.text, options: {} }

export function bindExpression(names: Names, expression: Expression): BoundExpression {
  if (expression instanceof Reference) return bindReference(names, expression.name)
  if (expression instanceof Literal) return bindLiteral(expression.literal)
  if (expression instanceof Combined) {
    const left = bindExpression(names, expression.left)
    const right = bindExpression(names, expression.right)
    return {
      type: 'combined',
      operator: expression.operator,
      left,
      right,
      output: combinedOutput(left, right),
    }
  }
  if (expression instanceof Func) {
    const args = expression.args.map((arg) => bindExpression(names, arg))
    return { type: 'func', func: expression.func, args, output: funcOutput(expression.func, args) }
  }
  if (expression instanceof Aggregate) return bindAggregate(names, expression)
  throw new FieldError('This expression is not one the database knows.')
}

function bindReference(names: Names, name: string): BoundExpression {
  const of = names.annotations.get(name)
  if (of !== undefined) return { type: 'annotation', name, of, output: of.output }
  const path = requirePath(names.meta, name, names.annotations.keys())
  return { type: 'path', path, output: path.column }
}

function bindAggregate(names: Names, expression: Aggregate): BoundExpression {
  const arg = expression.arg === null ? null : bindExpression(names, expression.arg)
  if (arg !== null && containsAggregate(arg) && arg.type !== 'annotation') {
    throw new FieldError(`Cannot compute ${expression.func}: is an aggregate`)
  }
  return {
    type: 'aggregate',
    func: expression.func,
    arg,
    distinct: expression.options.distinct ?? false,
    filter: expression.options.filter === undefined ? null : bindQ(names, expression.options.filter),
    output: aggregateOutput(expression.func, arg),
  }
}

const literalKinds: readonly [(value: unknown) => boolean, OutputType][] = [
  [(v) => typeof v === 'string', text],
  [(v) => typeof v === 'number' && Number.isInteger(v), { kind: kinds.bigInt, options: {} }],
  [(v) => typeof v === 'number', float],
  [(v) => typeof v === 'bigint', { kind: kinds.bigInt, options: {} }],
  [(v) => typeof v === 'boolean', { kind: kinds.bool, options: {} }],
  [(v) => v instanceof Date, { kind: kinds.dateTime, options: {} }],
]

function bindLiteral(literal: unknown): BoundExpression {
  if (literal === null) return { type: 'literal', prepared: null, output: text }
  for (const [test, output] of literalKinds) {
    if (test(literal)) return { type: 'literal', prepared: output.kind.prepare(literal, {}), output }
  }
  throw new ValueError('A value in an expression is text, a number, a boolean or a date.')
}

function combinedOutput(left: BoundExpression, right: BoundExpression): OutputType {
  const output = left.type === 'literal' ? right.output : left.output
  const either = [left.output.kind, right.output.kind]
  if (either.includes(kinds.float)) return float
  return output.kind === kinds.bigInt && left.type === 'literal' && right.type === 'literal'
    ? integer
    : output
}

function funcOutput(func: FunctionName, args: readonly BoundExpression[]): OutputType {
  if (func === 'length') return integer
  if (func === 'abs' || func === 'coalesce') return args[0]?.output ?? text
  return text
}

function aggregateOutput(func: AggregateName, arg: BoundExpression | null): OutputType {
  if (func === 'count' || arg === null) return integer
  if (func === 'avg') return arg.output.kind === kinds.decimal ? averageOfDecimals : float
  return arg.output
}

const withoutTrailingZeros = (text: string): string =>
  text.includes('.') ? text.replace(/\.?0+$/, '') : text

/** Unrounded: as many digits as the database gives. */
const averageOfDecimals: OutputType = {
  kind: {
    ...kinds.decimal,
    codecs: {
      sqlite: {
        ...kinds.decimal.codecs.sqlite,
        decode: (raw) => String(Number(Number(raw).toPrecision(15))),
      },
      postgresql: { ...kinds.decimal.codecs.postgresql, decode: (raw) => withoutTrailingZeros(String(raw)) },
    },
  },
  options: {},
}
