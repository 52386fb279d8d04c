import { assertKeywords } from '../keywords.ts'
import { Expression } from './expressions.ts'

/** Conditions as a value: `Q({ a: 1 }).or(Q({ b: 2 }))`, `Q({ a: 1 }).not()`. */
export class Condition {
  readonly connector: 'and' | 'or'
  readonly negated: boolean
  /** A keyword and its value, a boolean expression, or a nested condition. */
  readonly children: readonly (Condition | Expression | readonly [key: string, value: unknown])[]

  constructor(connector: 'and' | 'or', children: Condition['children'], negated = false) {
    this.connector = connector
    this.children = children
    this.negated = negated
  }

  get isEmpty(): boolean {
    return this.children.length === 0
  }

  and(...others: Condition[]): Condition {
    return join('and', [this, ...others])
  }

  or(...others: Condition[]): Condition {
    return join('or', [this, ...others])
  }

  not(): Condition {
    return new Condition('and', [this], true)
  }
}

/** As Django's: an empty side leaves the other as it is. */
function join(connector: 'and' | 'or', parts: readonly Condition[]): Condition {
  const full = parts.filter((part) => !part.isEmpty)
  const [first] = full
  return first !== undefined && full.length === 1 ? first : new Condition(connector, full)
}

export type Q = Condition
/** All keywords must hold; or a boolean expression, `Q(Exists(...))`. @throws ValueError for what is no plain object */
export const Q = (where: Readonly<Record<string, unknown>> | Expression = {}): Condition => {
  if (where instanceof Expression) return new Condition('and', [where])
  assertKeywords(where)
  return new Condition('and', Object.entries(where))
}
