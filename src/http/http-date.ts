/** HTTP-date of RFC 9110 section 5.6.7, to the second. Written in one form, read in the three of old. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

let cachedSecond = NaN
let cachedText = ''

/** `unixSeconds` may have a fraction, which is cut. The last one formatted is kept: Date is asked for every response. */
export function formatHttpDate(unixSeconds: number): string {
  const second = Math.floor(unixSeconds)
  if (second !== cachedSecond) {
    cachedText = format(second)
    cachedSecond = second
  }
  return cachedText
}

function format(second: number): string {
  const date = new Date(second * 1000)
  const day = DAYS[date.getUTCDay()] ?? ''
  const month = MONTHS[date.getUTCMonth()] ?? ''
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${day}, ${two(date.getUTCDate())} ${month} ${year} ${time} GMT`
}

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}

const IMF_FIXDATE = /^[A-Za-z]{3}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const RFC850_DATE = /^[A-Za-z]{6,9}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const ASCTIME_DATE = /^[A-Za-z]{3} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/** Longest of the three forms; longer input is no date and is not looked at. */
const MAX_LENGTH = 40

/** Unix seconds, or undefined. Two-digit years from 70 on are 19xx, as in nginx. The day's name is not checked. */
export function parseHttpDate(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  let match = IMF_FIXDATE.exec(text)
  if (match !== null) return toUnix(match[3], match[2], match[1], match[4], match[5], match[6])
  match = RFC850_DATE.exec(text)
  if (match !== null) {
    const century = Number(match[3]) < 70 ? '20' : '19'
    return toUnix(century + (match[3] ?? ''), match[2], match[1], match[4], match[5], match[6])
  }
  match = ASCTIME_DATE.exec(text)
  if (match !== null) return toUnix(match[6], match[1], match[2], match[3], match[4], match[5])
  return undefined
}

function toUnix(
  year: string | undefined,
  monthName: string | undefined,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
): number | undefined {
  const month = MONTHS.indexOf(monthName ?? '')
  if (month < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), month, Number(day))
  // 31 April would have become 1 May
  if (date.getUTCMonth() !== month || date.getUTCDate() !== Number(day)) return undefined
  return date.setUTCHours(Number(hour), Number(minute), Number(second), 0) / 1000
}
