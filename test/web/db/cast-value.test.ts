import { expect, it } from 'vitest'
import fc from 'fast-check'
import { DataError, f } from '../../../src/entry/web.ts'
import type { Field } from '../../../src/web/db/fields/field.ts'
import { castOf, castValue } from '../../../src/web/db/schema/cast-value.ts'
import type { ColumnDefinition } from '../../../src/web/db/schema/table.ts'

const column = ({ kind, options }: Field): ColumnDefinition => ({
  name: 'v',
  kind,
  options,
  primaryKey: false,
  auto: false,
  notNull: false,
  unique: false,
  references: null,
})
const cast = (from: Field, to: Field): string | null => castOf(column(from), column(to))
const decimal = (places: number) => f.decimal({ maxDigits: 15, places })

it('is none where values are kept alike', () => {
  expect(cast(f.char({ max: 9 }), f.text())).toBe(null)
  expect(cast(f.slug(), f.email())).toBe(null)
  expect(cast(f.int(), f.int())).toBe(null)
  expect(cast(decimal(2), f.decimal({ maxDigits: 16, places: 3 }))).toBe(null)
})

it('leaves null alone, and takes no cast that nobody makes', () => {
  expect(castValue(null, cast(f.int(), f.text()))).toBe(null)
  expect(() => castValue(1n, '[["nope",{}],["int",{}]]')).toThrow(DataError)
})

it.each([
  ['2.5', 2, '2.5'],
  ['2.675', 2, '2.68'],
  ['-2.675', 2, '-2.68'],
  ['0.005', 2, '0.01'],
  ['9.999', 2, '10'],
  ['-0.001', 2, '0'],
])('rounds %s to %i places, by its digits', (value, places, expected) => {
  expect(castValue(Number(value), cast(decimal(3), decimal(places)))).toBe(Number(expected))
})

it('brings text back to what it was made of', () => {
  const kinds: readonly [Field, fc.Arbitrary<bigint | number>][] = [
    [f.bigInt(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    [f.float(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0)],
  ]
  for (const [field, values] of kinds) {
    fc.assert(
      fc.property(values, (value) => {
        const text = castValue(value, cast(field, f.text()))
        expect(castValue(text, cast(f.text(), field))).toBe(value)
      }),
    )
  }
})
