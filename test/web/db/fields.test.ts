import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { f, model, ModelRegistry } from '../../../src/entry/web.ts'
import { formatDateTime, parseDateTime } from '../../../src/web/db/fields/datetime.ts'
import { canonicalDecimal } from '../../../src/web/db/fields/decimal.ts'
import type { FieldOptions } from '../../../src/web/db/fields/field.ts'
import { kinds } from '../../../src/web/db/fields/kinds.ts'

type KindName = keyof typeof kinds

const accepted: readonly (readonly [KindName, unknown, unknown])[] = [
  ['char', 'x', 'x'],
  ['char', 12, '12'],
  ['text', '', ''],
  ['int', 7, 7],
  ['int', '7', 7],
  ['int', ' -7 ', -7],
  ['int', 7n, 7],
  ['int', '9'.repeat(30), 1e30],
  ['bigInt', '9007199254740993', 9007199254740993n],
  ['bigInt', 7, 7n],
  ['float', '1.5', 1.5],
  ['float', Infinity, Infinity],
  ['bool', true, true],
  ['bool', 'False', false],
  ['bool', 1, true],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', new Date('2024-02-29T23:59:59Z'), '2024-02-29'],
  ['dateTime', '2024-02-29', new Date('2024-02-29T00:00:00Z')],
  ['dateTime', '2024-02-29 12:30', new Date('2024-02-29T12:30:00Z')],
  ['dateTime', '2024-02-29T12:30:00+02:00', new Date('2024-02-29T10:30:00Z')],
  ['uuid', '0123456789ABCDEF0123456789abcdef', '01234567-89ab-cdef-0123-456789abcdef'],
  ['json', { a: [1, null] }, { a: [1, null] }],
]

const refused: readonly (readonly [KindName, unknown])[] = [
  ['char', {}],
  ['char', ['a']],
  ['char', Symbol('a')],
  ['int', 'abc'],
  ['int', '1.5'],
  ['int', 1.5],
  ['int', ''],
  ['int', '1; DROP TABLE x'],
  ['int', '0x10'],
  ['int', { valueOf: () => 1 }],
  ['bigInt', 1.5],
  ['bigInt', 'x'],
  ['float', NaN],
  ['float', ''],
  ['float', 'x'],
  ['bool', 'yes'],
  ['bool', 2],
  ['date', '2023-02-29'],
  ['date', '2024-2-9'],
  ['date', new Date(NaN)],
  ['dateTime', 'yesterday'],
  ['dateTime', '2024-13-01'],
  ['dateTime', new Date(NaN)],
  ['uuid', '0123'],
  ['uuid', "' OR 1=1 --"],
  ['json', undefined],
  ['json', () => 1],
  ['binary', 'text'],
]

describe('a value', () => {
  it.each(accepted)('%s takes %o', (name, value, expected) => {
    expect(kinds[name].prepare(value, {})).toEqual(expected)
  })

  it.each(refused)('%s refuses %s', (name, value) => {
    expect(() => kinds[name].prepare(value, {})).toThrow(
      expect.objectContaining({ name: 'ValueError' }) as Error,
    )
  })
})

describe('a decimal', () => {
  it.each([
    ['1', '1.00'],
    ['-0', '0.00'],
    ['-0.10', '-0.10'],
    ['007.5', '7.50'],
    ['.5', '0.50'],
    ['5.', '5.00'],
    ['1e3', '1000.00'],
    ['1.5e-1', '0.15'],
    ['12.30000', '12.30'],
    ['9999.99', '9999.99'],
  ])('%s is kept as %s', (text, kept) => {
    expect(canonicalDecimal(text, 6, 2)).toBe(kept)
  })

  it.each(['1.234', '10000', '1e9999', 'x', '', '.', '1,5', '0x1', 'NaN', 'Infinity', '1 2'])(
    '%s is refused',
    (text) => {
      expect(() => canonicalDecimal(text, 6, 2)).toThrow(
        expect.objectContaining({ name: 'ValueError' }) as Error,
      )
    },
  )

  it('comes back from SQLite as it went, with 15 digits', () => {
    const options: FieldOptions = { maxDigits: 15, places: 4 }
    const { encode, decode } = kinds.decimal.codecs.sqlite
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), (units) => {
        const digits = (units < 0n ? -units : units).toString().padStart(5, '0')
        const text = `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`
        expect(decode(encode(text), options)).toBe(text)
      }),
    )
  })
})

describe('a date-time', () => {
  it('is text that is ordered as time is, and comes back', () => {
    const date = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(date, date, (a, b) => {
        expect(parseDateTime(formatDateTime(a))).toEqual(a)
        expect(Math.sign(a.getTime() - b.getTime())).toBe(
          formatDateTime(a) < formatDateTime(b) ? -1 : formatDateTime(a) > formatDateTime(b) ? 1 : 0,
        )
      }),
    )
  })

  it('is the ISO form without its zone, of any moment that there is', () => {
    const date = fc.oneof(
      fc.date({ noInvalidDate: true }),
      fc.integer({ min: -70_000_000, max: 260_000_000 }).map((seconds) => new Date(seconds * 1000)),
    )
    fc.assert(
      fc.property(date, (moment) => {
        const plain = moment.toISOString().replace('T', ' ').slice(0, -1)
        expect(formatDateTime(moment)).toBe(plain.endsWith('.000') ? plain.slice(0, -4) : `${plain}000`)
      }),
    )
    expect(() => formatDateTime(new Date(NaN))).toThrow(RangeError)
  })

  it.each([
    ['2024-01-02 03:04:05', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02 03:04:05.123456', '2024-01-02T03:04:05.123Z'],
    ['2024-01-02 03:04:05.123456+00', '2024-01-02T03:04:05.123Z'],
    ['2024-01-02 03:04:05+05:30', '2024-01-01T21:34:05.000Z'],
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02', '2024-01-02T00:00:00.000Z'],
    ['0099-01-02 03:04:05', '0099-01-02T03:04:05.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(parseDateTime(text).toISOString()).toBe(iso)
  })
})

describe('a new row', () => {
  const registry = new ModelRegistry()
  const Thing = model(
    'Thing',
    {
      name: f.char({ max: 10 }),
      size: f.int({ null: true }),
      count: f.int({ default: 3 }),
      tags: f.json<string[]>({ default: () => [] }),
    },
    { registry },
  )

  it('has its defaults, a fresh one each where they are made', () => {
    const [a, b] = [new Thing(), new Thing({ name: 'b', count: 0 })]
    expect({ ...a }).toMatchObject({ id: null, name: '', size: null, count: 3, tags: [] })
    expect({ ...b }).toMatchObject({ name: 'b', count: 0 })
    expect(a.tags).not.toBe(b.tags)
    expect(JSON.stringify(b)).toBe('{"id":null,"name":"b","size":null,"count":0,"tags":[]}')
  })

  it('refuses what is no field', () => {
    expect(() => new Thing({ nope: 1 } as object)).toThrow(
      "Thing() got an unexpected keyword argument 'nope'",
    )
    expect(() => new Thing(JSON.parse('{"__proto__": 1}') as object)).toThrow('unexpected keyword argument')
  })

  it.each(['pk', 'save', 'a__b', '1a', 'a b', 'x"y', '__proto__', 'then'])(
    'has no field called %s',
    (name) => {
      expect(() =>
        model('Bad', Object.fromEntries([[name, f.int()]]), { registry: new ModelRegistry() }),
      ).toThrow('cannot have this name')
    },
  )
})
