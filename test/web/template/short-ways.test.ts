/** What is reckoned the short way, beside the long way of saying the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zonedDate } from '../../../src/web/time-zones/zoned-date.ts'
import { parseDecimal, toFixed } from '../../../src/web/template/python/decimal.ts'
import { floatRepr, toInteger } from '../../../src/web/template/python/number.ts'
import { words } from '../../../src/web/template/python/text-methods.ts'
import { truncateWords } from '../../../src/web/template/html/truncate.ts'
import { Engine } from '../../../src/web/template/engine.ts'

const PYTHON_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

describe('words', () => {
  it('are cut at the white space of Python, whatever the code unit', () => {
    const wrong: string[] = []
    for (let unit = 0; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit)
      const isCut = words(`a${character}b`).length === 2
      if (isCut !== PYTHON_SPACE.test(character)) wrong.push(unit.toString(16))
    }
    expect(wrong).toEqual([])
  })

  it('are no more than asked for', () => {
    const spaced = fc
      .array(fc.constantFrom('a', 'bc', ' ', '\n', '\u3000', '😀'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(spaced, fc.integer({ min: -3, max: 6 }), (text, limit) => {
        const all = text.split(/[\s]+/).filter((word) => word !== '')
        expect(words(text, Math.max(0, limit))).toEqual(all.slice(0, Math.max(0, limit)))
        const cut = all.length > limit
        const kept = all.slice(0, limit).join(' ')
        expect(truncateWords(text, limit)).toBe(cut ? `${kept} …` : all.join(' '))
      }),
    )
  })
})

describe('the date of a moment', () => {
  it('is that of Date, from the first year that it knows to the last', () => {
    const day = 86_400_000
    const edges = [-1, 0, 1, 68_169_600_000, 951_782_400_000, -62_135_596_800_000, -62_167_219_200_000]
    const moments = fc.oneof(
      fc.constantFrom(...edges),
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      fc.integer({ min: -40_000, max: 40_000 }).map((days) => days * day - 1),
    )
    fc.assert(
      fc.property(moments, (time) => {
        const date = new Date(time)
        expect(zonedDate(date, 'UTC')).toMatchObject({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: date.getUTCSeconds(),
          millisecond: date.getUTCMilliseconds(),
          weekday: (date.getUTCDay() + 6) % 7,
        })
      }),
      { numRuns: 2000 },
    )
  })
})

describe('floatformat', () => {
  const template = new Engine().fromString('{{ value|floatformat:places }}')

  it('writes a number as its decimal digits, rounded half up', () => {
    const values = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 1000),
      fc.integer(),
    )
    fc.assert(
      fc.property(values, fc.integer({ min: -6, max: 6 }), (value, places) => {
        const decimal = parseDecimal(floatRepr(value))
        fc.pre(decimal !== undefined && Math.abs(decimal.exponent) < 100)
        const whole = Number.isInteger(value) && places < 0
        expect(template.render({ value, places })).toBe(
          decimal && toFixed(decimal, whole ? 0 : Math.abs(places)),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an integer in text', () => {
  it.each([
    ['12', 12],
    ['007', 7],
    [' 7 ', 7],
    ['1_000', 1000],
    ['-3', -3],
    ['', undefined],
    ['1.0', undefined],
    ['١', undefined],
    ['99999999999999999999', 1e20],
  ])('%j is %j', (text, value) => {
    expect(toInteger(text)).toBe(value)
  })
})
