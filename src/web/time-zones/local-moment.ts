/** From what a wall clock shows to the moment, the way back from `zonedDate`. */
import { DAY_MS } from '../../util/calendar.ts'
import { offsetAt } from './zone-offset.ts'

/**
 * The moments at which the zone's wall clock shows this: one; none in the hour that is left out when summer time
 * begins; two, the earlier first, in the one that is there twice when it ends.
 *
 * @param wallMs milliseconds since 1970 of the clock, as if it were UTC's
 */
export function momentsOf(wallMs: number, timeZone: string): Date[] {
  if (timeZone === 'UTC') return [new Date(wallMs)]
  // No zone changes twice within two days, so these are all the offsets that can hold.
  const offsets = new Set([wallMs - DAY_MS, wallMs + DAY_MS].map((ms) => offsetMs(ms, timeZone)))
  return [...offsets]
    .filter((offset) => offsetMs(wallMs - offset, timeZone) === offset)
    .map((offset) => new Date(wallMs - offset))
    .sort((a, b) => a.getTime() - b.getTime())
}

/**
 * The moment at which the clock came to show this or, where this was left out, what is after it: the earlier of two.
 *
 * @param wallMs as for `momentsOf`
 */
export function firstMomentOf(wallMs: number, timeZone: string): number {
  const [first] = momentsOf(wallMs, timeZone)
  return first?.getTime() ?? wallMs - offsetMs(wallMs - DAY_MS, timeZone)
}

const offsetMs = (ms: number, timeZone: string): number => offsetAt(ms, timeZone) * 1000

/** What the clock shows at a moment, as milliseconds since 1970 of UTC's. */
export const wallClockMs = (date: Date, timeZone: string): number =>
  date.getTime() + offsetMs(date.getTime(), timeZone)
