import type { BoundCondition, BoundNode, ZonedCall } from './bound.ts'
import { InZone } from './in-zone.ts'
import { lookups } from './lookups.ts'
import type { Lookup } from './lookups.ts'

/**
 * A year as a span of time: an index on the column serves it, which one on nothing but the column cannot do for a
 * function of it. Half-open, so that no fraction of the last second is lost; of moments, in the zone of the query.
 */
const spans: ReadonlyMap<string, readonly (readonly [lookup: string, yearsLater: 0 | 1])[]> = new Map([
  [
    'exact',
    [
      ['gte', 0],
      ['lt', 1],
    ],
  ],
  ['gt', [['gte', 1]]],
  ['gte', [['gte', 0]]],
  ['lt', [['lt', 0]]],
  ['lte', [['lt', 1]]],
] as const)

/** The condition itself where it is not such a one. To-many relations keep it whole: their negation is about one row. */
export function asSpan(condition: BoundCondition): BoundNode {
  const { left, right } = condition
  const parts = spans.get(condition.lookup.name)
  if (left.type !== 'func' || left.func.name !== 'year') return condition
  if (parts === undefined || right.type !== 'values') return condition
  const [dated] = left.args
  if (dated?.type !== 'path' || dated.path.multiple) return condition
  const [year] = right.values
  if (typeof year !== 'number' || !(year > 1 && year <= 9998)) return condition
  const children = parts.flatMap(([name, later]) => {
    const lookup: Lookup | undefined = lookups.get(name)
    if (lookup === undefined) return []
    const start = startOf(year + later, left.zoned)
    return [{ ...condition, left: dated, lookup, right: { type: 'values', values: [start] } } as const]
  })
  return { type: 'group', connector: 'and', negated: false, children }
}

/** Of a moment's year, or of a day's. */
const startOf = (year: number, zoned: ZonedCall | undefined): unknown =>
  zoned === undefined ? `${String(year).padStart(4, '0')}-01-01` : InZone.startOfYear(year, zoned.timeZone)
