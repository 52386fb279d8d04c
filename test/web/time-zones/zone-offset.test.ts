import fc from 'fast-check'
import { expect, it } from 'vitest'
import { offsetAt } from '../../../src/web/time-zones/zone-offset.ts'

/** What Intl says at this very moment, in seconds. */
function asked(ms: number, timeZone: string): number {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    ms,
  )
  return (Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000) / 1000
}

const zones = [
  'Europe/Berlin',
  'Asia/Kolkata',
  'America/St_Johns',
  'Africa/Freetown',
  'Pacific/Apia',
  '+05:30',
]

it('is what Intl says, remembered or not', () => {
  const moments = fc.integer({ min: Date.UTC(1880, 0, 1), max: Date.UTC(2040, 0, 1) })
  fc.assert(
    fc.property(fc.constantFrom(...zones), moments, (zone, ms) => {
      expect(offsetAt(ms, zone)).toBe(asked(ms, zone))
    }),
    { numRuns: 300, seed: 7 },
  )
})

it.each([
  ['Europe/Berlin', '2024-03-31T01:00:00Z', 3600, 7200],
  ['Europe/Berlin', '2024-10-27T01:00:00Z', 7200, 3600],
  ['America/St_Johns', '2006-10-29T02:31:00Z', -9000, -12_600],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', -36_000, 50_400],
])('in %s changes at %s to the millisecond', (zone, moment, before, after) => {
  const ms = Date.parse(moment)
  expect([ms - 1, ms, ms - 1].map((at) => offsetAt(at, zone))).toEqual([before, after, before])
})

it('reaches as far as Date does, and refuses what is no zone', () => {
  expect(offsetAt(8.64e15, 'Asia/Kolkata')).toBe(19_800)
  expect(offsetAt(-8.64e15, 'Europe/Berlin')).toBe(3208)
  expect(() => offsetAt(0, 'Mars/Olympus')).toThrow(RangeError)
})
