/** Tags and filters of this site: `{% load guestbook %}`. */
import { HttpRequest, Library, markSafe } from 'portico/web'

/** Pictures in public/static/avatars. */
const avatars = [
  ...['amphora', 'bee', 'boat', 'column', 'fish', 'lyre', 'moon', 'olive', 'owl', 'poppy', 'sun', 'wave'],
]

/** The same name has the same picture on every page and in every worker. */
export function avatarOf(username: string): string {
  let hash = 0
  for (const character of username) hash = (hash * 85 + (character.codePointAt(0) ?? 0)) % 0x7fff_ffff
  return `avatars/${avatars[hash % avatars.length] ?? 'sun'}.svg`
}

/** Two figures that mean something: 0.042, 0.87, 12.3, 456. */
export function milliseconds(value: number): string {
  if (value >= 100) return value.toFixed(0)
  if (value >= 10) return value.toFixed(1)
  return value.toFixed(value >= 0.1 ? 2 : 3)
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
export function ordinal(value: number): string {
  const teens = value % 100 >= 11 && value % 100 <= 13
  const suffix = teens ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')
  return `${value}${suffix}`
}

const minuteMs = 60_000
const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['year', 525_600 * minuteMs],
  ['month', 43_800 * minuteMs],
  ['week', 10_080 * minuteMs],
  ['day', 1440 * minuteMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
]
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** How long ago, in the largest unit that fits: "yesterday", "3 hours ago". */
export function ago(date: Date, now: Date): string {
  const passedMs = now.getTime() - date.getTime()
  const step = steps.find(([, ms]) => passedMs >= ms)
  return step === undefined ? 'just now' : words.format(-Math.floor(passedMs / step[1]), step[0])
}

export const guestbookTags = new Library()
  .registerTextFilter('avatar', avatarOf)
  .registerFilter('milliseconds', (value) => (typeof value === 'number' ? milliseconds(value) : ''))
  .registerFilter('ordinal', (value) => (typeof value === 'number' ? ordinal(value) : ''))
  .registerFilter(
    'ago',
    (value, _argument, context) => (value instanceof Date ? ago(value, context.settings.now()) : ''),
    { argument: 'none' },
  )
  .simpleTag(
    'current',
    (context: { readonly request: unknown }, name: unknown) => {
      const { request } = context
      const here = request instanceof HttpRequest && request.resolverMatch?.viewName === String(name)
      return here ? markSafe(' aria-current="page"') : ''
    },
    { takesContext: true },
  )
