import { ValueError } from '../errors.ts'
import type { Binder, BoundCase } from './bound.ts'
import { Expression, argument } from './expressions.ts'
import { text } from './outputs.ts'
import { Condition, Q } from './q.ts'

/** One branch of a `Case`. */
class Branch<T> {
  /** Phantom: the type of the value it gives. */
  declare readonly value: T
  readonly when: Condition
  readonly then: Expression

  constructor(when: Condition, then: Expression) {
    this.when = when
    this.then = then
  }
}

/** What a `Case` gives where no branch fits: null if nothing is said. */
interface CaseOptions<T> {
  readonly default?: Expression<T> | string
}

class CaseExpression<T> extends Expression<T> {
  readonly #branches: readonly Branch<unknown>[]
  readonly #otherwise: Expression | null

  constructor(branches: readonly Branch<unknown>[], otherwise: Expression | null) {
    super()
    this.#branches = branches
    this.#otherwise = otherwise
  }

  override bind(binder: Binder): BoundCase {
    const branches = this.#branches.map(({ when, then }) => ({
      when: binder.condition(when),
      then: binder.expression(then),
    }))
    const otherwise = this.#otherwise === null ? null : binder.expression(this.#otherwise)
    const values = [...branches.map(({ then }) => then), ...(otherwise === null ? [] : [otherwise])]
    const said = values.find((value) => !(value.type === 'literal' && value.prepared === null))
    return { type: 'case', branches, otherwise, output: said?.output ?? text }
  }
}

/** A branch of `Case`: `When({ votes__gt: 5 }, Value('high'))`. Text names a column. */
export function When<T = unknown>(
  when: Condition | Expression | Readonly<Record<string, unknown>>,
  then: Expression<T> | string,
): Branch<T> {
  const condition = when instanceof Condition ? when : Q(when)
  if (condition.isEmpty) throw new ValueError("An empty Q() can't be used as a When() condition.")
  return new Branch<T>(condition, argument(then))
}

/** The value of the first branch whose condition holds: `Case([When(...), When(...)], { default: Value(0) })`. */
export const Case = <T = unknown, D = null>(
  branches: readonly Branch<T>[],
  options: CaseOptions<D> = {},
): Expression<T | D> =>
  new CaseExpression<T | D>(branches, options.default === undefined ? null : argument(options.default))
