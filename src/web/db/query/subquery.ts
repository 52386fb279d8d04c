import { ValueError } from '../errors.ts'
import type { Binder, BoundOuter, BoundSubquery, OutputType } from './bound.ts'
import { outerKey } from './bound.ts'
import { Expression } from './expressions.ts'
import { boolean, text } from './outputs.ts'
import type { QueryState } from './state.ts'

/** Any queryset: what a subquery is made of. */
interface Query<R = unknown> {
  readonly isQuerySet: true
  readonly state: QueryState
  /** For the compiler: the type of its rows. */
  toArray(): Promise<R[]>
}

class SubqueryExpression<T> extends Expression<T> {
  readonly #state: QueryState

  constructor(state: QueryState) {
    super()
    this.#state = state
  }

  override bind(binder: Binder): BoundSubquery {
    const query = binder.query(this.#state)
    const values = this.#state.combined?.parts[0]?.values ?? this.#state.values
    if (values !== null && values.terms.length !== 1)
      throw new ValueError('A Subquery selects one column: use values() or valuesList() with one name.')
    const [term] = values?.terms ?? []
    const meaning = term?.expression.type === 'outer' ? query.outer.get(outerKey(term.expression)) : undefined
    const output: OutputType = (meaning ?? term?.expression)?.output ?? this.#state.meta.pk
    return { type: 'subquery', ...query, exists: false, negated: false, output }
  }
}

class ExistsExpression extends Expression<boolean> {
  readonly #state: QueryState
  readonly #negated: boolean

  constructor(state: QueryState, negated: boolean) {
    super()
    this.#state = state
    this.#negated = negated
  }

  /** Whether there is none. */
  not(): ExistsExpression {
    return new ExistsExpression(this.#state, !this.#negated)
  }

  override bind(binder: Binder): BoundSubquery {
    return {
      type: 'subquery',
      ...binder.query(this.#state),
      exists: true,
      negated: this.#negated,
      output: boolean,
    }
  }
}

/** Counts the queries between a reference and the one that it is to. */
class OuterReference<T> extends Expression<T> {
  readonly #name: string
  readonly #level: number

  constructor(inner: string | OuterReference<T>) {
    super()
    this.#name = typeof inner === 'string' ? inner : inner.#name
    this.#level = typeof inner === 'string' ? 1 : inner.#level + 1
  }

  override bind(): BoundOuter {
    return { type: 'outer', name: this.#name, level: this.#level, output: text }
  }
}

/** The one value that a query finds for each row: of its first row, so slice it and name one column. */
export const Subquery = <R>(query: Query<R>): Expression<R | null> =>
  new SubqueryExpression<R | null>(query.state)
/** Whether a query finds anything for the row; `.not()` whether it finds nothing. */
export const Exists = (query: Query): ExistsExpression => new ExistsExpression(query.state, false)
/** In a `Subquery` or `Exists`: a column of the query around. `OuterRef(OuterRef('pk'))` is one further out. */
export const OuterRef = <T = unknown>(name: string | OuterReference<T>): OuterReference<T> =>
  new OuterReference<T>(name)
