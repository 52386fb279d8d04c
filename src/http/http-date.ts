/** HTTP-date of RFC 9110 section 5.6.7, to the second. Written in one form, read in the three of old. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** From 1 March of the year 0. */
const DAYS_BEFORE_1970 = 719_468

const SPACE = 32
const COMMA = 44
const ZERO = 48
const COLON = 58

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

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE_LENGTH = 29
const RFC850_DATE = /^[A-Za-z]{6,9}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const ASCTIME_DATE = /^[A-Za-z]{3} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/** Longest of the three forms; longer input is no date and is not looked at. */
const MAX_LENGTH = 40

/** Unix seconds, or undefined. Two-digit years from 70 on are 19xx, as in nginx. The day's name is not checked. */
export function parseHttpDate(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  if (text.length === IMF_FIXDATE_LENGTH && text.endsWith(' GMT') && text.charCodeAt(3) === COMMA)
    return readFixdate(text)
  let match = RFC850_DATE.exec(text)
  if (match !== null) {
    const century = Number(match[3]) < 70 ? '20' : '19'
    return toUnix(century + (match[3] ?? ''), match[2], match[1], match[4], match[5], match[6])
  }
  match = ASCTIME_DATE.exec(text)
  if (match !== null) return toUnix(match[6], match[1], match[2], match[3], match[4], match[5])
  return undefined
}

/** The form of nearly all, without an expression: each response of an upstream has two of them. */
function readFixdate(text: string): number | undefined {
  for (let at = 0; at < 3; at += 1) if (!isLetter(text.charCodeAt(at))) return undefined
  if (text.charCodeAt(4) !== SPACE || text.charCodeAt(7) !== SPACE || text.charCodeAt(11) !== SPACE)
    return undefined
  if (text.charCodeAt(16) !== SPACE || text.charCodeAt(19) !== COLON || text.charCodeAt(22) !== COLON)
    return undefined
  const month = MONTHS.indexOf(text.substring(8, 11))
  const year = digits(text, 12) * 100 + digits(text, 14)
  return secondsOf(year, month, digits(text, 5), digits(text, 17), digits(text, 20), digits(text, 23))
}

const isLetter = (code: number): boolean => ((code | 32) - 97) >>> 0 < 26

/** The two digits there; NaN where it is none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? NaN : tens * 10 + ones
}

/** Undefined for NaN and for a day that its month does not have. */
function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 0 || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  const leap = month === 1 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (!(day >= 1 && day <= (leap ? 29 : (DAYS_OF_MONTH[month] ?? 0)) && year >= 0)) return undefined
  return ((daysUntil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

/** From 1 January 1970, in years that begin in March: a leap day is their last. */
function daysUntil(year: number, month: number, day: number): number {
  const marchYear = month < 2 ? year - 1 : year
  const marchMonth = month < 2 ? month + 10 : month - 2
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 1 - DAYS_BEFORE_1970
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
  return secondsOf(Number(year), month, Number(day), Number(hour), Number(minute), Number(second))
}
