import { FieldError } from '../errors.ts'
import type { FieldKind } from '../fields/field.ts'
import type { BoundCall, BoundExpression, OutputType } from './bound.ts'
import { date, integer } from './outputs.ts'
import type { SqlFunction } from './sql-function.ts'
import { call } from './sql-function.ts'

/**
 * Parts of dates and texts: in keywords (`publishedAt__year`) and as functions (`Extract('publishedAt', 'year')`).
 * All in UTC, in which SQLite keeps its texts.
 */

interface Transform {
  readonly families: readonly FieldKind['family'][]
  readonly output: OutputType
  readonly func: SqlFunction
}

const timed = ['dateTime'] as const
const dated = ['dateTime', 'date'] as const

const row = (
  name: string,
  families: Transform['families'],
  output: OutputType,
  sqlite: string,
  postgresql: string,
): [string, Transform] => [name, { families, output, func: { name, sqlite, postgresql, strict: true } }]

/** By strftime's format, and EXTRACT's field. */
const part = (
  name: string,
  format: string,
  field: string = name,
  families: Transform['families'] = dated,
): [string, Transform] =>
  row(
    name,
    families,
    integer,
    `CAST(strftime('${format}', {0}) AS integer)`,
    `EXTRACT(${field} FROM {0} AT TIME ZONE 'UTC')::integer`,
  )

export const transforms: ReadonlyMap<string, Transform> = new Map([
  part('year', '%Y'),
  part('isoYear', '%G', 'isoyear'),
  part('month', '%m'),
  part('day', '%d'),
  part('week', '%V'),
  part('isoWeekDay', '%u', 'isodow'),
  row(
    'weekDay',
    dated,
    integer,
    "(CAST(strftime('%w', {0}) AS integer) + 1)",
    "(EXTRACT(dow FROM {0} AT TIME ZONE 'UTC')::integer + 1)",
  ),
  row(
    'quarter',
    dated,
    integer,
    "((CAST(strftime('%m', {0}) AS integer) + 2) / 3)",
    "EXTRACT(quarter FROM {0} AT TIME ZONE 'UTC')::integer",
  ),
  part('hour', '%H', 'hour', timed),
  part('minute', '%M', 'minute', timed),
  row(
    'second',
    timed,
    integer,
    "CAST(strftime('%S', {0}) AS integer)",
    "FLOOR(EXTRACT(second FROM {0} AT TIME ZONE 'UTC'))::integer",
  ),
  row('date', timed, date, 'date({0})', "({0} AT TIME ZONE 'UTC')::date"),
  row('length', ['text'], integer, 'length({0})', 'length({0})'),
])

/** Null where `of` has no such part. */
export function transformed(of: BoundExpression, name: string): BoundCall | null {
  const transform = transforms.get(name)
  if (transform?.families.includes(of.output.kind.family) !== true) return null
  return call(transform.func, [of], transform.output)
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

/** The beginning of the year, month, ... that a date or date-time is in. @throws FieldError */
export function truncated(of: BoundExpression, unit: string, output: OutputType = of.output): BoundCall {
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
  return call(func, [of], output)
}
