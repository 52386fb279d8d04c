/**
 * Date-times as text, in the form Django writes to SQLite: `YYYY-MM-DD HH:MM:SS`, with six more digits when the
 * fraction is not zero. Always UTC, so that text order is time order.
 */

const pad2 = (n: number): string => (n < 10 ? `0${n}` : String(n))

export function formatDateTime(value: Date): string {
  const millis = value.getUTCMilliseconds()
  const iso = value.toISOString()
  // toISOString is `YYYY-MM-DDTHH:MM:SS.sssZ`, or has a sign and six digits outside the years 0 to 9999.
  const end = iso.indexOf('.')
  const seconds = `${iso.slice(0, end - 9)} ${iso.slice(end - 8, end)}`
  return millis === 0 ? seconds : `${seconds}.${String(millis).padStart(3, '0')}000`
}

export function formatDate(value: Date): string {
  return `${String(value.getUTCFullYear()).padStart(4, '0')}-${pad2(value.getUTCMonth() + 1)}-${pad2(value.getUTCDate())}`
}

const digits = (text: string, from: number, to: number): number => {
  let n = 0
  for (let i = from; i < to; i++) n = n * 10 + text.charCodeAt(i) - 48
  return n
}

/** Reads the form above by position; anything else (a zone, a `T`) goes through `Date`. Microseconds are cut. */
export function parseDateTime(text: string): Date {
  const length = text.length
  if (text.charCodeAt(4) === 45 && (length === 19 || (length === 26 && text.charCodeAt(19) === 46))) {
    const millis = length === 26 ? digits(text, 20, 23) : 0
    const year = digits(text, 0, 4)
    const date = new Date(
      Date.UTC(
        year,
        digits(text, 5, 7) - 1,
        digits(text, 8, 10),
        digits(text, 11, 13),
        digits(text, 14, 16),
        digits(text, 17, 19),
        millis,
      ),
    )
    // Date.UTC reads the years 0 to 99 as 1900 to 1999.
    if (year < 100) date.setUTCFullYear(year)
    return date
  }
  return new Date(withZone(text.replace(' ', 'T')))
}

/** ECMAScript reads a date-time without a zone as local time; ours are UTC. PostgreSQL writes `+00`. */
function withZone(text: string): string {
  if (!text.includes('T') || text.endsWith('Z')) return text
  const zone = /[+-]\d\d(?::?\d\d)?$/.exec(text)
  if (zone === null) return `${text}Z`
  return zone[0].length === 3 ? `${text}:00` : text
}
