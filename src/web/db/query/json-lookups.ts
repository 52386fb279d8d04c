import { ValueError } from '../errors.ts'
import type { BoundExpression } from './bound.ts'
import {
  isJson,
  jsonCanonical,
  jsonContainedBy,
  jsonContains,
  jsonHasKeys,
  jsonIsNull,
  jsonNumber,
  jsonString,
  jsonText,
} from './json.ts'
import type { Lookup } from './lookups.ts'
import { lookups } from './lookups.ts'

/** A comparison of JSON, as one that both databases make alike. */
interface JsonComparison {
  readonly left: BoundExpression
  readonly lookup: Lookup
  /** A value, or an expression as `Bound`. */
  readonly value: unknown
}

/** An expression right of a lookup. A class, so that no value which somebody sends can look like one. */
export class Bound {
  readonly expression: BoundExpression

  constructor(expression: BoundExpression) {
    this.expression = expression
  }
}

/** Null: as any other column (`isnull`). @throws ValueError */
export function bindJson(left: BoundExpression, lookup: string, value: unknown): JsonComparison | null {
  switch (lookup) {
    case 'isnull':
      return null
    case 'contains':
      return truth(jsonContains(left, plain(lookup, value)))
    case 'containedBy':
      return truth(jsonContainedBy(left, plain(lookup, value)))
    case 'hasKey':
      return truth(jsonHasKeys(left, keysOf(lookup, [value]), 'all'))
    case 'hasKeys':
      return truth(jsonHasKeys(left, keysOf(lookup, value), 'all'))
    case 'hasAnyKeys':
      return truth(jsonHasKeys(left, keysOf(lookup, value), 'any'))
    case 'exact':
    case 'in':
      return equal(left, lookup, value)
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'range':
      return compared(left, lookup, value)
    default:
      return { left: jsonText(left), lookup: row(lookup), value }
  }
}

function row(name: string): Lookup {
  const known = lookups.get(name)
  if (known === undefined) throw new ValueError(`JSON has no lookup '${name}'.`)
  return known
}

const truth = (left: BoundExpression): JsonComparison => ({ left, lookup: row('exact'), value: true })

/** Null is JSON's null, which is a value: that there is none is `isnull`. */
function equal(left: BoundExpression, lookup: string, value: unknown): JsonComparison {
  if (value === null) return truth(jsonIsNull(left))
  if (value instanceof Bound) return withExpression(left, lookup, value.expression)
  return { left: jsonCanonical(left), lookup: row(lookup), value }
}

function withExpression(left: BoundExpression, lookup: string, value: BoundExpression): JsonComparison {
  if (isJson(value.output)) {
    return { left: jsonCanonical(left), lookup: row(lookup), value: new Bound(jsonCanonical(value)) }
  }
  return {
    left: typed(left, value.output.kind.family === 'number'),
    lookup: row(lookup),
    value: new Bound(value),
  }
}

/** Numbers with numbers, texts with texts: a value of another type is neither more nor less. */
function compared(left: BoundExpression, lookup: string, value: unknown): JsonComparison {
  if (value instanceof Bound) {
    const { expression } = value
    const right = isJson(expression.output) ? jsonNumber(expression) : expression
    return {
      left: typed(left, right.output.kind.family === 'number'),
      lookup: row(lookup),
      value: new Bound(right),
    }
  }
  const [sample] = Array.isArray(value) ? (value as unknown[]) : [value]
  return { left: typed(left, typeof sample !== 'string'), lookup: row(lookup), value }
}

const typed = (of: BoundExpression, number: boolean): BoundExpression =>
  number ? jsonNumber(of) : jsonString(of)

function plain(lookup: string, value: unknown): unknown {
  if (value === undefined || value instanceof Bound) throw new ValueError(`${lookup} takes a JSON value.`)
  return value
}

function keysOf(lookup: string, value: unknown): string[] {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    return [...(value as Iterable<unknown>)].map((key) => {
      if (typeof key !== 'string' && typeof key !== 'number')
        throw new ValueError(`${lookup}: keys are texts.`)
      return String(key)
    })
  }
  throw new ValueError(`The value of ${lookup} must be a list of keys.`)
}
