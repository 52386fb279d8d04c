import { FieldError, ValueError } from '../errors.ts'
import type { FieldKind } from '../fields/field.ts'
import type { BoundCall, BoundExpression, OutputType } from './bound.ts'
import { date, integer, time } from './outputs.ts'
import type { SqlFunction } from './sql-function.ts'
import { call } from './sql-function.ts'

/**
 * Parts of dates and texts: in keywords (`publishedAt__year`) and as functions (`Extract('publishedAt', 'year')`).
 * Those of moments in a time zone, for which the zone is `{1}`. In UTC, in which SQLite keeps its texts, it does by
 * itself what functions of ours do in any other (sqlite/date-functions.ts).
 */

interface Transform {
  readonly families: readonly FieldKind['family'][]
  readonly output: OutputType
  readonly func: SqlFunction
  readonly zoned: SqlFunction | null
}

const timed = ['dateTime'] as const
const dated = ['dateTime', 'date'] as const

const row = (
  name: string,
  families: Transform['families'],
  output: OutputType,
  sqlite: string,
  postgresql: string,
  zoned: SqlFunction | null = null,
): [string, Transform] => [
  name,
  { families, output, func: { name, sqlite, postgresql, strict: true }, zoned },
]

/** In the zone {1}. */
const WALL = '{0} AT TIME ZONE {1}::text'

const zonedPart = (name: string, postgresql: string): SqlFunction => ({
  name: `zoned ${name}`,
  sqlite: `portico_part('${name}', {0}, {1})`,
  postgresql,
})

/** A number: `postgresql` has `{}` for the wall clock's time. */
const numbered = (
  name: string,
  families: Transform['families'],
  sqlite: string,
  postgresql: string,
): [string, Transform] =>
  row(
    name,
    families,
    integer,
    sqlite,
    postgresql.replace('{}', "{0} AT TIME ZONE 'UTC'"),
    zonedPart(name, postgresql.replace('{}', WALL)),
  )

/** By strftime's format, and EXTRACT's field. */
const part = (
  name: string,
  format: string,
  field: string = name,
  families: Transform['families'] = dated,
): [string, Transform] =>
  numbered(
    name,
    families,
    `CAST(strftime('${format}', {0}) AS integer)`,
    `EXTRACT(${field} FROM {})::integer`,
  )

export const transforms: ReadonlyMap<string, Transform> = new Map([
  part('year', '%Y'),
  part('isoYear', '%G', 'isoyear'),
  part('month', '%m'),
  part('day', '%d'),
  part('week', '%V'),
  part('isoWeekDay', '%u', 'isodow'),
  numbered(
    'weekDay',
    dated,
    "(CAST(strftime('%w', {0}) AS integer) + 1)",
    '(EXTRACT(dow FROM {})::integer + 1)',
  ),
  numbered(
    'quarter',
    dated,
    "((CAST(strftime('%m', {0}) AS integer) + 2) / 3)",
    'EXTRACT(quarter FROM {})::integer',
  ),
  part('hour', '%H', 'hour', timed),
  part('minute', '%M', 'minute', timed),
  numbered(
    'second',
    timed,
    "CAST(strftime('%S', {0}) AS integer)",
    'FLOOR(EXTRACT(second FROM {}))::integer',
  ),
  row('date', timed, date, 'date({0})', "({0} AT TIME ZONE 'UTC')::date", {
    name: 'zoned date',
    sqlite: "portico_day('day', {0}, {1})",
    postgresql: `(${WALL})::date`,
  }),
  row('time', timed, time, 'substr({0}, 12)', "({0} AT TIME ZONE 'UTC')::time", {
    name: 'zoned time',
    sqlite: 'portico_time({0}, {1})',
    postgresql: `(${WALL})::time`,
  }),
  row('length', ['text'], integer, 'length({0})', 'length({0})'),
])

/** Null where `of` has no such part. `timeZone` null is the current one. @throws ValueError */
export function transformed(
  of: BoundExpression,
  name: string,
  timeZone: string | null = null,
): BoundCall | null {
  const transform = transforms.get(name)
  if (transform?.families.includes(of.output.kind.family) !== true) return null
  return inZone(call(transform.func, [of], transform.output), transform.zoned, timeZone)
}

/** A moment's day is another in each zone; a day is the same in all. @throws ValueError */
function inZone(inUtc: BoundCall, func: SqlFunction | null, timeZone: string | null): BoundCall {
  if (func !== null && inUtc.args[0]?.output.kind.family === 'dateTime') {
    return { ...inUtc, zoned: { func, timeZone } }
  }
  if (timeZone !== null) throw new ValueError('tzinfo can only be used with DateTimeField.')
  return inUtc
}

/** What is cut off: the format that SQLite keeps of a date; with a time, the rest of one at midnight goes on. */
const truncations: ReadonlyMap<string, { readonly date: string | null; readonly time: string }> = new Map([
  ['year', { date: "strftime('%Y-01-01', {0})", time: ' 00:00:00' }],
  [
    'quarter',
    {
      date: "(strftime('%Y-', {0}) || substr('01040710', (CAST(strftime('%m', {0}) AS integer) + 2) / 3 * 2 - 1, 2) || '-01')",
      time: ' 00:00:00',
    },
  ],
  ['month', { date: "strftime('%Y-%m-01', {0})", time: ' 00:00:00' }],
  // Forward to Sunday, and back to the Monday before it.
  ['week', { date: "date({0}, 'weekday 0', '-6 days')", time: ' 00:00:00' }],
  ['day', { date: "strftime('%Y-%m-%d', {0})", time: ' 00:00:00' }],
  ['hour', { date: null, time: "strftime('%Y-%m-%d %H:00:00', {0})" }],
  ['minute', { date: null, time: "strftime('%Y-%m-%d %H:%M:00', {0})" }],
  ['second', { date: null, time: "strftime('%Y-%m-%d %H:%M:%S', {0})" }],
])

/**
 * The beginning of the year, month, ... that a date or date-time is in; `timeZone` null is the current one.
 *
 * @throws FieldError, ValueError
 */
export function truncated(
  of: BoundExpression,
  unit: string,
  output: OutputType = of.output,
  timeZone: string | null = null,
): BoundCall {
  const row = truncations.get(unit)
  const { family } = of.output.kind
  if (row === undefined || (family !== 'date' && family !== 'dateTime')) {
    throw new FieldError(`A ${of.output.kind.name} cannot be truncated to ${unit}.`)
  }
  const toDate = output.kind.family === 'date'
  if (row.date === null && (family === 'date' || toDate)) {
    throw new FieldError(`Cannot truncate DateField to ${unit}.`)
  }
  const cut = `date_trunc('${unit}', {0} AT TIME ZONE 'UTC')`
  const func: SqlFunction = {
    name: `trunc ${unit}${toDate ? ' date' : ''}`,
    sqlite: toDate ? (row.date ?? '') : row.date === null ? row.time : `(${row.date} || '${row.time}')`,
    postgresql: toDate ? `${cut}::date` : `(${cut} AT TIME ZONE 'UTC')`,
    strict: true,
  }
  return inZone(
    call(func, [of], output),
    toDate ? zonedDay(unit) : zonedTrunc(unit, row.date === null),
    timeZone,
  )
}

const zonedDay = (unit: string): SqlFunction => ({
  name: `zoned trunc ${unit} date`,
  sqlite: `portico_day('${unit}', {0}, {1})`,
  postgresql: `date_trunc('${unit}', ${WALL})::date`,
})

/**
 * A moment, as time-zones/date-unit.ts has it. PostgreSQL stays in the hour of `{0}` where the clock shows it twice; but
 * where the clock was set in mid-hour, it may not have shown that beginning. And of two midnights it takes the later:
 * the earlier is the one 24 hours after the midnight before, where the clock shows it then.
 */
function zonedTrunc(unit: string, ofClock: boolean): SqlFunction {
  const wall = `date_trunc('${unit}', ${WALL})`
  const near = `date_trunc('${unit}', {0}, {1}::text)`
  const only = `${wall} AT TIME ZONE {1}::text`
  const earlier = `((${wall} - interval '1 day') AT TIME ZONE {1}::text + interval '24 hours')`
  return {
    name: `zoned trunc ${unit}`,
    sqlite: `portico_trunc('${unit}', {0}, {1})`,
    postgresql: ofClock
      ? `CASE WHEN ${near} AT TIME ZONE {1}::text <> ${wall} AND ${only} AT TIME ZONE {1}::text = ${wall} THEN ${only} ELSE ${near} END`
      : `LEAST(${only}, CASE WHEN ${earlier} AT TIME ZONE {1}::text = ${wall} THEN ${earlier} END)`,
  }
}
