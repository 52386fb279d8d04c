import { expect, it } from 'vitest'
import { momentsOf, wallClockMs } from '../../../src/web/time-zones/local-moment.ts'

it.each([
  ['UTC', '2026-03-29T02:30', ['2026-03-29T02:30']],
  ['Europe/Berlin', '2026-01-15T12:00', ['2026-01-15T11:00']],
  ['Europe/Berlin', '2026-07-15T12:00', ['2026-07-15T10:00']],
  // summer time begins at 2:00 and ends at 3:00
  ['Europe/Berlin', '2026-03-29T01:59', ['2026-03-29T00:59']],
  ['Europe/Berlin', '2026-03-29T02:30', []],
  ['Europe/Berlin', '2026-03-29T03:00', ['2026-03-29T01:00']],
  ['Europe/Berlin', '2026-10-25T02:30', ['2026-10-25T00:30', '2026-10-25T01:30']],
  ['Europe/Berlin', '2026-10-25T03:00', ['2026-10-25T02:00']],
  ['America/New_York', '2026-03-08T02:15', []],
  ['America/New_York', '2026-11-01T01:15', ['2026-11-01T05:15', '2026-11-01T06:15']],
  ['Asia/Kolkata', '2026-06-01T00:10', ['2026-05-31T18:40']],
  // half an hour of summer time
  ['Australia/Lord_Howe', '2026-04-05T01:45', ['2026-04-04T14:45', '2026-04-04T15:15']],
  // went over the date line: there was no 30 December
  ['Pacific/Apia', '2011-12-30T12:00', []],
  ['Pacific/Apia', '2011-12-31T12:00', ['2011-12-30T22:00']],
])('in %s a clock shows %s at %j', (timeZone, wall, moments) => {
  const wallMs = Date.parse(`${wall}Z`)
  const found = momentsOf(wallMs, timeZone)
  expect(found.map((date) => date.toISOString().slice(0, 16))).toEqual(moments)
  for (const date of found) expect(wallClockMs(date, timeZone)).toBe(wallMs)
})
