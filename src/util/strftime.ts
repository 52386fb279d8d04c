/** Times by a format of strftime(3), in the C locale. */

const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAY_MS = 86_400_000

/** What the clock shows: of UTC, or of the local zone. */
interface ClockFace {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly weekday: number
  readonly yearDay: number
  readonly zone: string
  readonly offsetMinutes: number
  readonly unixSeconds: number
}

function pad(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill)
}

function localZoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
}

function faceOf(date: Date, gmt: boolean): ClockFace {
  const offsetMinutes = gmt ? 0 : -date.getTimezoneOffset()
  const shown = new Date(date.getTime() + offsetMinutes * 60_000)
  const year = shown.getUTCFullYear()
  return {
    year,
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    hours: shown.getUTCHours(),
    minutes: shown.getUTCMinutes(),
    seconds: shown.getUTCSeconds(),
    weekday: shown.getUTCDay(),
    yearDay: Math.floor((shown.getTime() - Date.UTC(year, 0, 1)) / DAY_MS),
    zone: gmt ? 'GMT' : localZoneName(date),
    offsetMinutes,
    unixSeconds: Math.floor(date.getTime() / 1000),
  }
}

/** Year and number of the ISO week: that of its Thursday. */
function isoWeek({ year, yearDay, weekday }: ClockFace): readonly [year: number, week: number] {
  const thursday = new Date(Date.UTC(year, 0, 1) + (yearDay + 3 - ((weekday + 6) % 7)) * DAY_MS)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return [thursday.getUTCFullYear(), Math.floor((thursday.getTime() - first) / DAY_MS / 7) + 1]
}

function offsetText(minutes: number): string {
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}${pad(absolute % 60)}`
}

const FIELDS: Readonly<Record<string, string | ((face: ClockFace) => string)>> = {
  A: ({ weekday }) => DAYS[weekday] ?? '',
  a: ({ weekday }) => (DAYS[weekday] ?? '').slice(0, 3),
  B: ({ month }) => MONTHS[month] ?? '',
  b: ({ month }) => (MONTHS[month] ?? '').slice(0, 3),
  h: '%b',
  C: ({ year }) => pad(Math.floor(year / 100)),
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  d: ({ day }) => pad(day),
  e: ({ day }) => pad(day, 2, ' '),
  F: '%Y-%m-%d',
  G: (face) => String(isoWeek(face)[0]),
  g: (face) => pad(isoWeek(face)[0] % 100),
  H: ({ hours }) => pad(hours),
  I: ({ hours }) => pad(hours % 12 || 12),
  j: ({ yearDay }) => pad(yearDay + 1, 3),
  k: ({ hours }) => pad(hours, 2, ' '),
  l: ({ hours }) => pad(hours % 12 || 12, 2, ' '),
  M: ({ minutes }) => pad(minutes),
  m: ({ month }) => pad(month + 1),
  n: '\n',
  P: ({ hours }) => (hours < 12 ? 'am' : 'pm'),
  p: ({ hours }) => (hours < 12 ? 'AM' : 'PM'),
  R: '%H:%M',
  r: '%I:%M:%S %p',
  S: ({ seconds }) => pad(seconds),
  s: ({ unixSeconds }) => String(unixSeconds),
  T: '%H:%M:%S',
  t: '\t',
  U: ({ yearDay, weekday }) => pad(Math.floor((yearDay + 7 - weekday) / 7)),
  u: ({ weekday }) => String(weekday || 7),
  V: (face) => pad(isoWeek(face)[1]),
  W: ({ yearDay, weekday }) => pad(Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7)),
  w: ({ weekday }) => String(weekday),
  X: '%H:%M:%S',
  x: '%m/%d/%y',
  Y: ({ year }) => String(year),
  y: ({ year }) => pad(year % 100),
  Z: ({ zone }) => zone,
  z: ({ offsetMinutes }) => offsetText(offsetMinutes),
}

/** What is no conversion stays as it is. */
export function strftime(format: string, date: Date, gmt: boolean): string {
  const face = faceOf(date, gmt)
  const expand = (text: string): string =>
    text.replace(/%[EO]?([%A-Za-z])/g, (all, letter: string) => {
      if (letter === '%') return '%'
      const field = FIELDS[letter]
      return typeof field === 'string' ? expand(field) : (field?.(face) ?? all)
    })
  return expand(format)
}
