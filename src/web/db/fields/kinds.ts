import { ValueError } from '../errors.ts'
import { formatDate, formatDateTime, parseDateTime } from './datetime.ts'
import { canonicalDecimal } from './decimal.ts'
import type { Codec, FieldKind, FieldOptions, SqlValue } from './field.ts'

/**
 * One row per kind of column: what it accepts, and how each database keeps it. PostgreSQL gives every value as
 * text (see postgres/), SQLite gives numbers, text and blobs. SQLite's column types are Django's.
 */

const show = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value)
  return String(value)
}

const fixed = (type: string) => (): string => type

const toNumber = (raw: SqlValue): number => Number(raw)

const plain = (sqlite: string, postgresql = sqlite): Record<'sqlite' | 'postgresql', Codec> => ({
  sqlite: { columnType: fixed(sqlite) },
  postgresql: { columnType: fixed(postgresql) },
})

function prepareText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  throw new ValueError(`expected a string but got ${show(value)}.`)
}

const varchar: Codec = {
  columnType: (options) => (options.max === undefined ? 'varchar' : `varchar(${options.max})`),
}

const INTEGER = /^\s*[+-]?\d{1,400}\s*$/

/** Integers past 2^63 stay numbers: as floating point they compare rightly with every column and match nothing. */
function prepareInteger(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && INTEGER.test(value)) return Number(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  throw new ValueError(`expected a number but got ${show(value)}.`)
}

function prepareBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value.trim().replace(/^\+/, ''))
  throw new ValueError(`expected a number but got ${show(value)}.`)
}

const INT64 = 2n ** 63n

function prepareFloat(value: unknown): number {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value.trim() !== ''
        ? Number(value)
        : Number.NaN
  // SQLite would keep NaN as NULL.
  if (Number.isNaN(number)) throw new ValueError(`expected a number but got ${show(value)}.`)
  return number
}

/** 15 digits survive SQLite's floating point; schema/ refuses more there. */
const places = (options: FieldOptions): number => options.places ?? 0

function prepareDecimal(value: unknown, options: FieldOptions): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return canonicalDecimal(String(value), options.maxDigits ?? 1000, options.places ?? 0)
  }
  throw new ValueError(`“${show(value)}” value must be a decimal number.`)
}

/** What is rounded to nothing has no sign. */
function fixedPoint(value: number, digits: number): string {
  const text = value.toFixed(digits)
  return value < 0 && Number(text) === 0 ? text.slice(1) : text
}

const BOOLEANS = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  [1, true],
  [0, false],
  ['1', true],
  ['0', false],
  ['t', true],
  ['f', false],
  ['true', true],
  ['false', false],
  ['True', true],
  ['False', false],
])

function prepareBoolean(value: unknown): boolean {
  const known = BOOLEANS.get(value)
  if (known === undefined) throw new ValueError(`“${show(value)}” value must be either True or False.`)
  return known
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

function prepareDateTime(value: unknown): Date {
  const date =
    value instanceof Date
      ? value
      : typeof value === 'string' && DATE_TIME.test(value)
        ? parseDateTime(value)
        : undefined
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new ValueError(
      `${show(value)} value has an invalid format. It must be a Date or YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ].`,
    )
  }
  return date
}

function prepareDate(value: unknown): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return formatDate(value)
  if (typeof value === 'string' && DATE.test(value)) {
    const date = new Date(`${value}T00:00:00Z`)
    if (!Number.isNaN(date.getTime()) && formatDate(date) === value) return value
  }
  throw new ValueError(`${show(value)} value has an invalid date format. It must be in YYYY-MM-DD format.`)
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const dashed = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

function prepareUuid(value: unknown): string {
  if (typeof value !== 'string' || !UUID.test(value))
    throw new ValueError(`“${show(value)}” is not a valid UUID.`)
  return dashed(value.replaceAll('-', '').toLowerCase())
}

function prepareJson(value: unknown): unknown {
  if (JSON.stringify(value) === undefined) throw new ValueError(`${show(value)} is not JSON serializable.`)
  return value
}

function prepareBinary(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new ValueError(`expected bytes but got ${show(value)}.`)
}

const text = (raw: SqlValue): string => (typeof raw === 'string' ? raw : String(raw))
const encodeJson = (value: unknown): string => JSON.stringify(value)
const decodeJson = (raw: SqlValue): unknown => JSON.parse(text(raw))
const encodeDateTime = (value: unknown): SqlValue => formatDateTime(value as Date)
const decodeDateTime = (raw: SqlValue): Date => parseDateTime(text(raw))
const decimalType = (options: FieldOptions): string => `numeric(${options.maxDigits}, ${places(options)})`

export const kinds = {
  auto: {
    name: 'BigAutoField',
    family: 'number',
    prepare: prepareInteger,
    codecs: {
      sqlite: { columnType: fixed('integer') },
      postgresql: { columnType: fixed('bigint'), decode: toNumber },
    },
  },
  char: {
    name: 'CharField',
    family: 'text',
    prepare: prepareText,
    codecs: { sqlite: varchar, postgresql: varchar },
  },
  slug: {
    name: 'SlugField',
    family: 'text',
    prepare: prepareText,
    codecs: { sqlite: varchar, postgresql: varchar },
  },
  email: {
    name: 'EmailField',
    family: 'text',
    prepare: prepareText,
    codecs: { sqlite: varchar, postgresql: varchar },
  },
  text: { name: 'TextField', family: 'text', prepare: prepareText, codecs: plain('text') },
  int: {
    name: 'IntegerField',
    family: 'number',
    prepare: prepareInteger,
    codecs: {
      sqlite: { columnType: fixed('integer') },
      postgresql: { columnType: fixed('integer'), decode: toNumber },
    },
  },
  bigInt: {
    name: 'BigIntegerField',
    family: 'number',
    prepare: prepareBigInt,
    codecs: {
      sqlite: {
        columnType: fixed('bigint'),
        exactInteger: true,
        encode: (value) => {
          const integer = value as bigint
          return integer >= -INT64 && integer < INT64 ? integer : Number(integer)
        },
        decode: (raw) => BigInt(raw as bigint),
      },
      postgresql: { columnType: fixed('bigint'), decode: (raw) => BigInt(raw as string) },
    },
  },
  float: {
    name: 'FloatField',
    family: 'number',
    prepare: prepareFloat,
    codecs: {
      sqlite: { columnType: fixed('real') },
      postgresql: { columnType: fixed('double precision'), decode: toNumber },
    },
  },
  decimal: {
    name: 'DecimalField',
    family: 'number',
    prepare: prepareDecimal,
    codecs: {
      sqlite: {
        columnType: fixed('decimal'),
        encode: toNumber as (value: unknown) => SqlValue,
        decode: (raw, options) => fixedPoint(Number(raw), places(options)),
      },
      postgresql: { columnType: decimalType },
    },
  },
  bool: {
    name: 'BooleanField',
    family: 'boolean',
    prepare: prepareBoolean,
    codecs: {
      sqlite: {
        columnType: fixed('bool'),
        encode: (value) => (value === true ? 1 : 0),
        decode: (raw) => Number(raw) !== 0,
      },
      postgresql: { columnType: fixed('boolean'), decode: (raw) => raw === 't' || raw === true },
    },
  },
  dateTime: {
    name: 'DateTimeField',
    family: 'dateTime',
    prepare: prepareDateTime,
    codecs: {
      sqlite: { columnType: fixed('datetime'), encode: encodeDateTime, decode: decodeDateTime },
      postgresql: {
        columnType: fixed('timestamp with time zone'),
        encode: (value) => `${formatDateTime(value as Date)}+00`,
        decode: decodeDateTime,
      },
    },
  },
  date: { name: 'DateField', family: 'date', prepare: prepareDate, codecs: plain('date') },
  json: {
    name: 'JSONField',
    family: 'json',
    prepare: prepareJson,
    codecs: {
      sqlite: { columnType: fixed('text'), encode: encodeJson, decode: decodeJson },
      postgresql: { columnType: fixed('jsonb'), encode: encodeJson, decode: decodeJson },
    },
  },
  uuid: {
    name: 'UUIDField',
    family: 'opaque',
    prepare: prepareUuid,
    codecs: {
      sqlite: {
        columnType: fixed('char(32)'),
        encode: (value) => text(value as string).replaceAll('-', ''),
        decode: (raw) => dashed(text(raw)),
      },
      postgresql: { columnType: fixed('uuid') },
    },
  },
  binary: {
    name: 'BinaryField',
    family: 'opaque',
    prepare: prepareBinary,
    codecs: {
      sqlite: { columnType: fixed('BLOB') },
      postgresql: { columnType: fixed('bytea'), decode: (raw) => Buffer.from(text(raw).slice(2), 'hex') },
    },
  },
} as const satisfies Record<string, FieldKind>

/** Whether a prepared integer can be read again: past these SQLite keeps floating point, or what no number can be. */
export function isKept(kind: FieldKind, prepared: unknown): boolean {
  if (typeof prepared === 'bigint') return prepared >= -INT64 && prepared < INT64
  return kind.prepare !== prepareInteger || Number.isSafeInteger(prepared)
}
