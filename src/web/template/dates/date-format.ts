import {
  daysInMonth,
  dayOfYear,
  isDaylightSaving,
  isLeapYear,
  isoWeek,
  offsetText,
  pad,
  type ZonedDate,
  zoneName,
} from '../../time-zones/zoned-date.ts'

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
] // prettier-ignore
/** Associated Press style: short months are written out. */
const MONTHS_AP = [
  'Jan.', 'Feb.', 'March', 'April', 'May', 'June', 'July', 'Aug.', 'Sept.', 'Oct.', 'Nov.', 'Dec.',
] // prettier-ignore
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

type Specifier = (date: ZonedDate) => string | number

const hour12: Specifier = (date) => date.hour % 12 || 12
const hourAndMinute: Specifier = (date) =>
  date.minute === 0 ? hour12(date) : `${hour12(date)}:${pad(date.minute)}`
const monthName = (date: ZonedDate): string => MONTHS[date.month - 1] ?? ''
const weekdayName = (date: ZonedDate): string => WEEKDAYS[date.weekday] ?? ''

/** PHP's letters as Django has them; the second table works for dates only, this one for times of day too. */
const TIME_SPECIFIERS: readonly (readonly [string, Specifier])[] = [
  ['a', (date) => (date.hour > 11 ? 'p.m.' : 'a.m.')],
  ['A', (date) => (date.hour > 11 ? 'PM' : 'AM')],
  ['e', zoneName],
  ['f', hourAndMinute],
  ['g', hour12],
  ['G', (date) => date.hour],
  ['h', (date) => pad(Number(hour12(date)))],
  ['H', (date) => pad(date.hour)],
  ['i', (date) => pad(date.minute)],
  ['O', (date) => offsetText(date.offset)],
  ['P', clockText],
  ['s', (date) => pad(date.second)],
  ['T', zoneName],
  ['u', (date) => pad(date.millisecond * 1000, 6)],
  ['Z', (date) => date.offset],
]

const DATE_SPECIFIERS: readonly (readonly [string, Specifier])[] = [
  ['b', (date) => monthName(date).slice(0, 3).toLowerCase()],
  ['c', isoText],
  ['d', (date) => pad(date.day)],
  ['D', (date) => weekdayName(date).slice(0, 3)],
  ['E', monthName],
  ['F', monthName],
  ['I', (date) => (isDaylightSaving(date) ? '1' : '0')],
  ['j', (date) => date.day],
  ['l', weekdayName],
  ['L', (date) => (isLeapYear(date.year) ? 'True' : 'False')],
  ['m', (date) => pad(date.month)],
  ['M', (date) => monthName(date).slice(0, 3)],
  ['n', (date) => date.month],
  ['N', (date) => MONTHS_AP[date.month - 1] ?? ''],
  ['o', (date) => isoWeek(date).year],
  ['r', mailText],
  ['S', ordinalSuffix],
  ['t', (date) => daysInMonth(date.year, date.month)],
  ['U', (date) => date.epoch],
  ['w', (date) => (date.weekday + 1) % 7],
  ['W', (date) => isoWeek(date).week],
  ['y', (date) => pad(date.year % 100)],
  ['Y', (date) => date.year],
  ['z', dayOfYear],
]

/** `midnight`, `noon`, `1:30 p.m.` */
function clockText(date: ZonedDate): string {
  if (date.minute === 0 && date.hour === 0) return 'midnight'
  if (date.minute === 0 && date.hour === 12) return 'noon'
  return `${hourAndMinute(date)} ${date.hour > 11 ? 'p.m.' : 'a.m.'}`
}

function isoText(date: ZonedDate): string {
  const day = `${pad(date.year, 4)}-${pad(date.month)}-${pad(date.day)}`
  const fraction = date.millisecond ? `.${pad(date.millisecond * 1000, 6)}` : ''
  const offset = offsetText(date.offset)
  const time = `${pad(date.hour)}:${pad(date.minute)}:${pad(date.second)}`
  return `${day}T${time}${fraction}${offset.slice(0, 3)}:${offset.slice(3)}`
}

/** RFC 5322 section 3.3 */
function mailText(date: ZonedDate): string {
  const day = `${weekdayName(date).slice(0, 3)}, ${pad(date.day)} ${monthName(date).slice(0, 3)} ${pad(date.year, 4)}`
  return `${day} ${pad(date.hour)}:${pad(date.minute)}:${pad(date.second)} ${offsetText(date.offset)}`
}

function ordinalSuffix(date: ZonedDate): string {
  if (date.day >= 11 && date.day <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][date.day % 10] ?? 'th'
}

const TIME_FORMAT: ReadonlyMap<string, Specifier> = new Map(TIME_SPECIFIERS)
const DATE_FORMAT: ReadonlyMap<string, Specifier> = new Map([...TIME_SPECIFIERS, ...DATE_SPECIFIERS])

/** The letter that a format has but the kind of value does not: a day in a time of day. */
export class UnknownSpecifier extends Error {}

/** Compiled formats kept; they come from templates, so few are ever dropped. */
const FORMAT_LIMIT = 200

/** One kind of value's formats, each cut into texts and letters once. */
class Formats {
  readonly #specifiers: ReadonlyMap<string, Specifier>
  readonly #known = new Map<string, readonly (string | Specifier)[]>()

  constructor(specifiers: ReadonlyMap<string, Specifier>) {
    this.#specifiers = specifiers
  }

  /** @throws UnknownSpecifier */
  partsOf(format: string): readonly (string | Specifier)[] {
    const known = this.#known.get(format)
    if (known !== undefined) return known
    const parts = this.#compile(format)
    if (this.#known.size >= FORMAT_LIMIT) this.#known.clear()
    this.#known.set(format, parts)
    return parts
  }

  #compile(format: string): readonly (string | Specifier)[] {
    const parts: (string | Specifier)[] = []
    for (let i = 0; i < format.length; i++) {
      const letter = format.charAt(i)
      if (letter === '\\' && i + 1 < format.length) {
        parts.push(format.charAt(++i))
        continue
      }
      const specifier = this.#specifiers.get(letter)
      if (!specifier && DATE_FORMAT.has(letter)) throw new UnknownSpecifier(`no '${letter}' in a time`)
      parts.push(specifier ?? letter)
    }
    return parts
  }
}

const FORMATS = { date: new Formats(DATE_FORMAT), time: new Formats(TIME_FORMAT) }

/** Letters are replaced, and a backslash keeps the character after it. */
export function formatDate(date: ZonedDate, format: string, kind: 'date' | 'time' = 'date'): string {
  let text = ''
  for (const part of FORMATS[kind].partsOf(format)) text += typeof part === 'string' ? part : part(date)
  return text
}
