import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ago, avatarOf, milliseconds, ordinal } from '../../src/demo/templatetags.ts'

const minuteMs = 60_000

test.each([
  [0, 'just now'],
  [59_999, 'just now'],
  [-minuteMs, 'just now'],
  [minuteMs, '1 minute ago'],
  [59 * minuteMs, '59 minutes ago'],
  [60 * minuteMs, '1 hour ago'],
  [24 * 60 * minuteMs, 'yesterday'],
  [6.9 * 24 * 60 * minuteMs, '6 days ago'],
  [7 * 24 * 60 * minuteMs, 'last week'],
  [40 * 24 * 60 * minuteMs, 'last month'],
  [800 * 24 * 60 * minuteMs, '2 years ago'],
])('%d milliseconds ago is %j', (passedMs, words) => {
  const now = new Date('2026-05-01T12:00:00Z')
  expect(ago(new Date(now.getTime() - passedMs), now)).toBe(words)
})

test.each([
  [0, '0.000'],
  [0.0421, '0.042'],
  [0.1, '0.10'],
  [9.994, '9.99'],
  [10.04, '10.0'],
  [99.9, '99.9'],
  [123.4, '123'],
])('%d is shown as %s', (value, text) => {
  expect(milliseconds(value)).toBe(text)
})

test.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [4, '4th'],
  [11, '11th'],
  [12, '12th'],
  [13, '13th'],
  [21, '21st'],
  [100, '100th'],
  [111, '111th'],
])('%d is the %s', (value, text) => {
  expect(ordinal(value)).toBe(text)
})

test('each name has a picture, always the same, and pictures are shared out', () => {
  const names = Array.from({ length: 300 }, (_, index) => `Visitor ${index} Ø🏛`)
  const pictures = names.map(avatarOf)
  expect(names.map(avatarOf)).toEqual(pictures)
  expect(new Set(pictures).size).toBe(12)
  for (const picture of new Set(pictures)) expect(existsSync(`public/static/${picture}`)).toBe(true)
})
