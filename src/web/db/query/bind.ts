import { FieldError, NotSupportedError, ValueError } from '../errors.ts'
import { isKept, kinds } from '../fields/kinds.ts'
import { assertKeywords } from '../keywords.ts'
import type { Column } from '../model-meta.ts'
import { ModelMeta } from '../model-meta.ts'
import { rowState } from '../row-state.ts'
import type {
  Binder,
  BoundCondition,
  BoundExpression,
  BoundGroup,
  BoundNode,
  BoundQuery,
  OutputType,
  RightSide,
  ZonedCall,
} from './bound.ts'
import { containsAggregate, containsWindow, outerKey, outerReferences } from './bound.ts'
import { Expression } from './expressions.ts'
import { InZone } from './in-zone.ts'
import { Bound, bindJson } from './json-lookups.ts'
import { isJson, jsonAt, jsonLookups } from './json.ts'
import type { Lookup } from './lookups.ts'
import { lookupFor, lookups, unsupportedLookup } from './lookups.ts'
import { walk } from './path.ts'
import { Condition } from './q.ts'
import type { QueryState } from './state.ts'
import { transformed } from './transforms.ts'
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

/** By what only the program can make: a visitor's JSON may have any property. */
const isQuerySet = (value: unknown): value is HasState =>
  typeof value === 'object' &&
  value !== null &&
  'isQuerySet' in value &&
  'state' in value &&
  (value.state as Partial<QueryState> | null)?.meta instanceof ModelMeta

export type Filter = Condition | Expression | Readonly<Record<string, unknown>>

/** `filter(a, b)`: everything must hold. `exclude(a, b)`: not everything holds. */
export function bindFilters(names: Names, filters: readonly Filter[], negated: boolean): BoundGroup {
  const binding = new Binding(names)
  const children: BoundNode[] = []
  for (const filter of filters) {
    if (filter instanceof Condition) {
      if (!filter.isEmpty) children.push(binding.condition(filter))
    } else if (filter instanceof Expression) {
      children.push(binding.truth(filter))
    } else {
      assertKeywords(filter)
      for (const key of Object.keys(filter)) children.push(binding.keyword(key, filter[key]))
    }
  }
  return { type: 'group', connector: 'and', negated, children }
}

export const bindExpression = (names: Names, expression: Expression): BoundExpression =>
  new Binding(names).expression(expression)

interface Target {
  readonly left: BoundExpression
  /** Of JSON, one of its own lookups may stand here. */
  readonly lookup: Lookup | string
}

const exact = lookups.get('exact') as Lookup
const isnull = lookups.get('isnull') as Lookup

/** The names of one model and of a queryset's annotations. */
export class Binding implements Binder {
  readonly meta: ModelMeta
  readonly annotations: ReadonlyMap<string, BoundExpression>

  constructor(names: Names) {
    this.meta = names.meta
    this.annotations = names.annotations
  }

  expression(expression: Expression): BoundExpression {
    if (!(expression instanceof Expression))
      throw new FieldError('This expression is not one the database knows.')
    return expression.bind(this)
  }

  reference(name: string): BoundExpression {
    const { left, rest } = this.#left(name)
    let of = left
    for (const part of rest) {
      const next = left.type === 'path' && left.path.endsIn !== null ? null : this.#part(of, part)
      if (next === null) throw this.#unknownPart(left, part)
      of = next
    }
    return of
  }

  /** A key of JSON, or a part of a date. */
  #part(of: BoundExpression, part: string): BoundExpression | null {
    return isJson(of.output) ? jsonAt(of, [part]) : transformed(of, part)
  }

  #unknownPart(left: BoundExpression, part: string): FieldError {
    if (left.type === 'path' && left.path.endsIn !== null)
      return left.path.endsIn.target.ready().unknown(part)
    const name = left.type === 'path' ? left.path.column.name : left.type === 'annotation' ? left.name : ''
    return new FieldError(`Cannot resolve keyword '${part}' into field. Join on '${name}' not permitted.`)
  }

  #left(key: string): { left: BoundExpression; rest: readonly string[] } {
    if (this.annotations.size > 0) {
      const [first = '', ...rest] = key.split('__')
      const of = this.annotations.get(first)
      if (of !== undefined) return { left: { type: 'annotation', name: first, of, output: of.output }, rest }
    }
    const { path, rest } = walk(this.meta, key, this.annotations.keys())
    return { left: { type: 'path', path, output: path.column }, rest }
  }

  /** A query in this one, and what it asks of this one's rows. */
  query(state: QueryState): BoundQuery {
    const outer = new Map<string, BoundExpression>()
    for (const reference of outerReferences(state)) {
      const meaning: BoundExpression =
        reference.level === 1 ? this.reference(reference.name) : { ...reference, level: reference.level - 1 }
      outer.set(outerKey(reference), meaning)
    }
    return { state, outer }
  }

  condition(q: Condition): BoundGroup {
    return {
      type: 'group',
      connector: q.connector,
      negated: q.negated,
      children: q.children.map((child) => {
        if (child instanceof Condition) return this.condition(child)
        return child instanceof Expression ? this.truth(child) : this.keyword(...child)
      }),
    }
  }

  /** An expression that is a condition by itself. */
  truth(expression: Expression): BoundNode {
    const left = this.expression(expression)
    if (left.output.kind !== kinds.bool)
      throw new TypeError('Cannot filter against a non-conditional expression.')
    return condition(left, exact, { type: 'values', values: [true] })
  }

  keyword(key: string, value: unknown): BoundNode {
    const { left, lookup } = this.#target(key)
    if (value === undefined) throw new ValueError(`Cannot use undefined as a query value: ${key}`)
    const right = value instanceof Expression ? new Bound(this.expression(value)) : null
    if (isJson(left.output)) {
      const json = bindJson(left, typeof lookup === 'string' ? lookup : lookup.name, right ?? value)
      if (json !== null) return this.#compared(json.left, json.lookup, key, json.value)
    }
    if (typeof lookup === 'string') throw unsupportedLookup(lookup, left.output.kind)
    return this.#compared(left, lookup, key, right ?? value)
  }

  #target(key: string): Target {
    const { left, rest } = this.#left(key)
    let of = left
    const relation = left.type === 'path' && left.path.endsIn !== null
    const keys: string[] = []
    for (const [i, part] of rest.entries()) {
      const last = i === rest.length - 1
      const json = isJson(of.output)
      const lookup = last ? (json && jsonLookups.has(part) ? part : lookups.get(part)) : undefined
      if (lookup !== undefined) {
        if (relation && typeof lookup !== 'string' && lookup.pattern === true)
          throw new FieldError(`Related Field got invalid lookup: ${part}`)
        return { left: jsonAt(of, keys), lookup }
      }
      if (relation) throw new FieldError(`Related Field got invalid lookup: ${part}`)
      if (json) {
        keys.push(part)
        continue
      }
      const next = transformed(of, part)
      if (next === null) throw unsupportedLookup(part, of.output.kind)
      of = next
    }
    return { left: jsonAt(of, keys), lookup: exact }
  }

  #compared(left: BoundExpression, lookup: Lookup, key: string, value: unknown): BoundNode {
    if (value instanceof Bound) {
      return asSpan(condition(left, lookup, { type: 'expression', expression: value.expression }))
    }
    if (value === null && lookup.shape !== 'boolean') {
      if (lookup.name !== 'exact' && lookup.name !== 'iexact')
        throw new ValueError('Cannot use None as a query value')
      return condition(left, isnull, { type: 'values', values: [true] })
    }
    if (isQuerySet(value)) return condition(left, lookup, this.#bindQuery(lookup, value))
    const chosen = lookup.shape === 'one' ? lookupFor(lookup, value) : lookup
    return asSpan(condition(left, chosen, { type: 'values', values: valuesFor(left, chosen, key, value) }))
  }

  #bindQuery(lookup: Lookup, { state }: HasState): RightSide {
    const [values] = state.combined === null ? [state.values] : [state.combined.parts[0]?.values ?? null]
    if (values !== null && values.terms.length !== 1) {
      throw new ValueError(
        'The QuerySet value for a lookup must select one field, with values() or valuesList().',
      )
    }
    if (lookup.name !== 'in' && (lookup.name !== 'exact' || state.high !== state.low + 1)) {
      throw new ValueError(
        'The QuerySet value for an exact lookup must be limited to one result using slicing.',
      )
    }
    return { type: 'query', ...this.query(state) }
  }
}

function condition(left: BoundExpression, lookup: Lookup, right: RightSide): BoundCondition {
  const other = right.type === 'expression' ? right.expression : null
  if (containsWindow(left) || (other !== null && containsWindow(other)))
    throw new NotSupportedError('Window is disallowed in the filter clause.')
  const aggregate = containsAggregate(left) || (other !== null && containsAggregate(other))
  return { type: 'condition', left, lookup, right, aggregate }
}

/** The values right of a lookup, prepared. */
function valuesFor(left: BoundExpression, lookup: Lookup, key: string, value: unknown): unknown[] {
  if (lookup.shape === 'boolean') {
    if (typeof value !== 'boolean')
      throw new ValueError('The QuerySet value for an isnull lookup must be True or False.')
    return [value]
  }
  if (lookup.shape === 'one') return [prepare(left, lookup, key, value)]
  if (typeof value === 'string' || !isIterable(value)) {
    throw new ValueError(`The value of ${key} must be a list of values.`)
  }
  const values = [...value].filter((item) => item !== null).map((item) => prepare(left, lookup, key, item))
  if (lookup.shape === 'two' && values.length !== 2) throw new ValueError(`${key} takes two values.`)
  // A set, as Django makes of it: the SQL depends on how many there are.
  return lookup.shape === 'many' ? [...new Set(values)] : values
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

function prepare(left: BoundExpression, lookup: Lookup, key: string, value: unknown): unknown {
  if (value === undefined) throw new ValueError(`Cannot use undefined as a query value: ${key}`)
  const plain = left.type === 'path' ? keyOf(left.path.endsIn?.target ?? null, value, key) : value
  const { output } = left
  if (lookup.prepare !== undefined) return lookup.prepare(plain, output)
  if (plain instanceof Date && output.kind.family === 'date') {
    const zoned = zonedOf(left)
    if (zoned !== null && !Number.isNaN(plain.getTime())) return InZone.dayOf(plain, zoned.timeZone)
  }
  // A decimal may be compared with any other, not only with one that its column could hold.
  const options = output.kind === kinds.decimal ? { places: 30, maxDigits: 200 } : output.options
  return prepareValue({ kind: output.kind, options }, key, plain)
}

/** Of the day of a moment: a moment beside it stands for its own day in that zone. */
function zonedOf(expression: BoundExpression): ZonedCall | null {
  if (expression.type === 'annotation') return zonedOf(expression.of)
  return expression.type === 'func' ? (expression.zoned ?? null) : null
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

/**
 * As a column keeps it. What a query compares with may be any number; what is kept must come back as it was.
 *
 * @throws ValueError
 */
export function prepareColumn(column: Column, value: unknown): unknown {
  if (value === null || value === undefined) return null
  const prepared = prepareValue(column, column.name, value)
  if (!isKept(column.kind, prepared))
    throw new ValueError(`Field '${column.name}' cannot hold ${String(prepared)}: it is out of range.`)
  return prepared
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
