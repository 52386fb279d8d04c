import { expect, test } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts'

const MOMENT = 784_111_777

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', MOMENT],
  ['Sunday, 06-Nov-94 08:49:37 GMT', MOMENT],
  ['Sun Nov  6 08:49:37 1994', MOMENT],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Wednesday, 31-Dec-69 23:59:59 GMT', 3_155_759_999],
  ['Thu, 29 Feb 2024 00:00:00 GMT', 1_709_164_800],
  ['Tue, 29 Feb 2000 23:59:59 GMT', 951_868_799],
  ['Wed, 01 Mar 2000 00:00:00 GMT', 951_868_800],
  ['Sat, 01 Jan 0000 00:00:00 GMT', -62_167_219_200],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 253_402_300_799],
])('reads %s', (text, seconds) => {
  expect(parseHttpDate(text)).toBe(seconds)
})

test.each([
  '',
  'now',
  '784111777',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 CET',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 nov 1994 08:49:37 GMT',
  'Thu, 29 Feb 2023 00:00:00 GMT',
  'Thu, 31 Apr 2023 00:00:00 GMT',
  'Thu, 29 Feb 1900 00:00:00 GMT',
  'Th1, 06 Nov 1994 08:49:37 GMT',
  'Thu, 06 Nov 1994 08:49:60 GMT',
  'Thu, 06 Nov 1994 08-49:37 GMT',
  'Thu, 06-Nov 1994 08:49:37 GMT',
  'Thu, 06 Nov 19x4 08:49:37 GMT',
  'Thu, 06 Nov 1994 08:49:3: GMT',
  'Thu, 00 Apr 2023 00:00:00 GMT',
  `Sun, 06 Nov 1994 08:49:37 GMT${' '.repeat(100_000)}`,
])('refuses %s', (text) => {
  expect(parseHttpDate(text)).toBeUndefined()
})

test('writes what it reads', () => {
  expect(formatHttpDate(MOMENT)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  expect(formatHttpDate(MOMENT + 0.9)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  for (let second = -1e9; second < 5e9; second += 12_345_678) {
    expect(parseHttpDate(formatHttpDate(second))).toBe(second)
    expect(formatHttpDate(second)).toBe(new Date(second * 1000).toUTCString())
  }
})
