import type { SqlValue, Vendor } from '../fields/field.ts'
import type {
  BoundCall,
  BoundCase,
  BoundCondition,
  BoundExpression,
  BoundLiteral,
  BoundNode,
  BoundQuery,
  BoundWindow,
  OutputType,
} from './bound.ts'
import { currentTimeZone } from '../../time-zones/current-time-zone.ts'
import { outerKey } from './bound.ts'
import { isWay } from './json.ts'
import { InZone, zoneParameter } from './in-zone.ts'
import type { ModelMeta } from '../model-meta.ts'
import { Pattern } from './lookups.ts'
import { defaultOrder } from './ordering.ts'
import type { Combination, OrderTerm, QueryState, ValueTerm } from './state.ts'

/**
 * One walk over a queryset that gives both the key of its compiled SQL and the parameters. Everything that changes
 * the SQL's text is in the key, models by their ids (two may share a table), each part with an end of its own, so that
 * no two queries spell one key. Values are not, so one compiled query serves every value. The compiler finds a value's
 * place by the object that holds it (`places`). One that holds it twice, as a queryset does in a union with itself,
 * has one place, and the key says which: else its SQL would serve a query of two values with one of them.
 */
export class Description {
  key = ''
  readonly values: SqlValue[] = []
  readonly places = new Map<object, number>()
  readonly vendor: Vendor
  /** Places of what the query has once, however often it is named: ways into JSON and time zones. */
  #shared: Map<string, number> | null = null
  #current: string | null = null

  constructor(vendor: Vendor) {
    this.vendor = vendor
  }

  select(state: QueryState): this {
    this.key += `${state.meta.id}(`
    if (state.combined === null) this.#steps(state)
    else this.#combined(state.combined)
    this.#order(state)
    if (state.high !== null || state.low > 0) this.#range(state)
    if (state.distinct) this.key += '|D'
    if (state.empty) this.key += '|E'
    if (state.distinctOn.length > 0) {
      this.key += '|d'
      for (const expression of state.distinctOn) this.expression(expression)
    }
    if (state.lock !== null)
      this.key += `|K${state.lock.wait}${state.lock.noKey ? 'n' : ''}${state.lock.of.join()}`
    if (state.loading !== null)
      this.key += `|${state.loading.only ? 'o' : 'x'}${[...state.loading.names].join()}`
    if (state.hidden.size > 0) this.key += `|H${[...state.hidden].join()}`
    if (state.related.size > 0) this.key += `|R${relatedKey(state)}`
    if (state.values !== null) {
      this.#terms(state.values)
      if (state.values.groups !== null) this.#groups(state.values.groups)
    }
    this.key += ')'
    return this
  }

  #combined({ operator, parts }: Combination): void {
    this.key += operator
    for (const part of parts) this.select(part)
  }

  #steps(state: QueryState): void {
    for (const step of state.steps) {
      if (step.type === 'filter') {
        this.node(step.where)
      } else {
        this.key += `|A${step.name}=`
        this.expression(step.expression)
      }
    }
  }

  #order(state: QueryState): void {
    if (state.order === null) {
      this.key += state.reversed ? '|o-' : '|o'
      if (state.meta.ordering.length > 0) this.#defaultOrder(state.meta)
      return
    }
    this.key += state.reversed ? '|O-' : '|O'
    for (const term of state.order) this.#orderTerm(term)
  }

  /** A model's ordering is always the same; but what is more than a column may have a zone. */
  #defaultOrder(meta: ModelMeta): void {
    for (const term of defaultOrder(meta)) {
      if (term.type === 'expression' && term.expression.type !== 'path') this.expression(term.expression)
    }
  }

  #orderTerm(term: OrderTerm): void {
    if (term.type === 'random') {
      this.key += '?'
      return
    }
    this.key += `${term.descending ? '-' : '+'}${term.nulls ?? ''}:`
    this.expression(term.expression)
  }

  /** The numbers are parameters; which of them there are is in the key. */
  #range(state: QueryState): void {
    this.key += `|L${state.high === null ? '' : 'h'}${state.low > 0 ? 'l' : ''}`
    if (!this.#isNew(state)) return
    if (state.high !== null) this.values.push(BigInt(state.high - state.low))
    if (state.low > 0) this.values.push(BigInt(state.low))
  }

  #terms(values: NonNullable<QueryState['values']>): void {
    this.key += '|V'
    for (const term of values.terms) {
      this.key += `${term.name}:`
      this.expression(term.expression)
    }
  }

  #groups(groups: readonly ValueTerm[]): void {
    this.key += '|G'
    for (const term of groups) this.expression(term.expression)
  }

  node(node: BoundNode): void {
    if (node.type === 'condition') {
      this.#condition(node)
      return
    }
    this.key += node.negated
      ? node.connector === 'and'
        ? '!&('
        : '!|('
      : node.connector === 'and'
        ? '&('
        : '|('
    for (const child of node.children) this.node(child)
    this.key += ')'
  }

  #condition(condition: BoundCondition): void {
    this.expression(condition.left)
    this.key += `~${condition.lookup.name}`
    const { right } = condition
    if (right.type === 'expression') {
      this.key += '='
      this.expression(right.expression)
    } else if (right.type === 'query') {
      this.key += '='
      this.#query(right)
    } else if (condition.lookup.shape === 'boolean') {
      this.key += right.values[0] === true ? 'T' : 'F'
    } else {
      this.#parameters(condition, right.values)
    }
  }

  #parameters(condition: BoundCondition, values: readonly unknown[]): void {
    this.key += values.length === 1 ? '.' : `${values.length}.`
    if (!this.#isNew(condition)) return
    const { output } = condition.left
    for (const value of values) this.values.push(this.#encode(condition, output, value))
  }

  /** Whether the values of `holder` come next. If they have come, the key says where. */
  #isNew(holder: object): boolean {
    const place = this.places.get(holder)
    if (place !== undefined) this.key += `<${place}>`
    else this.places.set(holder, this.values.length)
    return place === undefined
  }

  #literal(literal: BoundLiteral): void {
    const value = encode(this.vendor, literal.output, literal.prepared)
    if (isWay(literal)) this.#once(literal, 'way', value)
    else if (this.#isNew(literal)) this.values.push(value)
  }

  /** Gives `holder` the place of `value`, which may be another holder's already; then the key says where. */
  #once(holder: object, what: 'way' | 'zone', value: SqlValue): void {
    this.#shared ??= new Map()
    const name = `${what} ${String(value)}`
    const known = this.#shared.get(name)
    const place = known ?? this.values.length
    this.places.set(holder, place)
    if (known !== undefined) {
      this.key += `<${place}>`
      return
    }
    this.#shared.set(name, place)
    this.values.push(value)
  }

  #encode(condition: BoundCondition, output: OutputType, value: unknown): SqlValue {
    if (value instanceof Pattern) return value.for(this.vendor)
    if (value instanceof InZone) return encode(this.vendor, output, value.resolve(this.#zone(value.timeZone)))
    if (condition.lookup.pattern === true) return value as string
    return encode(this.vendor, output, value)
  }

  /** A query in this one, and what of this one's rows it speaks of. */
  #query(query: BoundQuery): void {
    this.select(query.state)
    for (const [name, expression] of query.outer) {
      this.key += `${name}=`
      this.expression(expression)
    }
  }

  /**
   * The zone is a parameter, one however often it is named, as ways are: a plan is for all zones. Only UTC, in which
   * SQLite reckons by itself, has its own.
   */
  #call(call: BoundCall): void {
    const { zoned } = call
    const zone = zoned === undefined ? 'UTC' : this.#zone(zoned.timeZone)
    this.key += `${zone === 'UTC' || zoned === undefined ? call.func.name : zoned.func.name}(`
    for (const arg of call.args) this.expression(arg)
    this.key += ')'
    if (zone !== 'UTC') this.#once(call, 'zone', zoneParameter(this.vendor, zone))
  }

  /** Asked for once: a query is in one zone, as Django's is in the one that is current when it runs. */
  #zone(timeZone: string | null): string {
    return timeZone ?? (this.#current ??= currentTimeZone())
  }

  #case({ branches, otherwise }: BoundCase): void {
    this.key += '{'
    for (const { when, then } of branches) {
      this.node(when)
      this.key += ':'
      this.expression(then)
    }
    if (otherwise !== null) {
      this.key += '/'
      this.expression(otherwise)
    }
    this.key += '}'
  }

  #window({ of, partition, order, frame }: BoundWindow): void {
    this.key += `W(${frame}:`
    this.expression(of)
    this.key += '|'
    for (const expression of partition) this.expression(expression)
    this.key += '|'
    for (const term of order) this.#orderTerm(term)
    this.key += ')'
  }

  expression(expression: BoundExpression): void {
    switch (expression.type) {
      case 'path':
        this.key += `#${expression.path.id}`
        break
      case 'annotation':
        this.key += `@${expression.name};`
        break
      case 'literal':
        if (expression.prepared === null) {
          this.key += '$null'
          break
        }
        this.key += `$${expression.output.kind.name};`
        this.#literal(expression)
        break
      case 'combined':
        this.key += '('
        this.expression(expression.left)
        this.key += expression.operator
        this.expression(expression.right)
        this.key += ')'
        break
      case 'func':
        this.#call(expression)
        break
      case 'case':
        this.#case(expression)
        break
      case 'subquery':
        this.key += `${expression.exists ? 'E' : 'S'}${expression.negated ? '!' : ''}`
        this.#query(expression)
        break
      case 'outer':
        this.key += `${outerKey(expression)};`
        break
      case 'window':
        this.#window(expression)
        break
      case 'aggregate':
        this.key += `${expression.func}${expression.distinct ? '!' : ''}(`
        if (expression.arg !== null) this.expression(expression.arg)
        if (expression.filter !== null) this.node(expression.filter)
        this.key += ')'
        break
    }
  }
}

function relatedKey(state: QueryState): string {
  const walk = (tree: QueryState['related']): string =>
    [...tree].map(([name, child]) => (child.size === 0 ? name : `${name}(${walk(child)})`)).join(',')
  return walk(state.related)
}

export function encode(vendor: Vendor, output: OutputType, value: unknown): SqlValue {
  if (value === null) return null
  const codec = output.kind.codecs[vendor]
  // Without an encoder the prepared value is what the database takes; kinds.ts says so row by row.
  return codec.encode === undefined ? (value as SqlValue) : codec.encode(value, output.options)
}
