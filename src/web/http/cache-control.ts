import type { OutgoingResponse } from './outgoing-response.ts'

/** Directives of Cache-Control: `{ public: true, maxAge: 3600 }`. False leaves one out. */
export type CacheDirectives = Readonly<Record<string, string | number | boolean>>

/** Directives of the response's Cache-Control by name, in lower case; true for those without a value. */
export function cacheDirectivesOf(response: OutgoingResponse): Map<string, string | true> {
  const parts = (response.headers.get('Cache-Control') ?? '').split(',').map((part) => part.trim())
  return new Map(
    parts
      .filter((part) => part !== '')
      .map((part) => {
        const equals = part.indexOf('=')
        const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase()
        return [name, equals < 0 ? true : part.slice(equals + 1)] as const
      }),
  )
}

/** Seconds, or null where the response does not say. */
export function maxAgeOf(response: OutgoingResponse): number | null {
  const value = cacheDirectivesOf(response).get('max-age')
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : null
}

/**
 * Adds directives. The shorter of two `max-age` stays; of `private` and `public` the new one. Names may be written
 * `max-age`, `max_age` and `maxAge`.
 */
export function patchCacheControl(response: OutgoingResponse, directives: CacheDirectives): void {
  const known = cacheDirectivesOf(response)
  const before = maxAgeOf(response)
  for (const [given, value] of Object.entries(directives)) {
    const name = given
      .replace(/[A-Z]/g, (letter) => `-${letter}`)
      .replaceAll('_', '-')
      .toLowerCase()
    if (value === false) continue
    if (name === 'private') known.delete('public')
    else if (name === 'public') known.delete('private')
    const shorter = name === 'max-age' && before !== null ? Math.min(before, Number(value)) : value
    known.set(name, shorter === true ? true : String(shorter))
  }
  const texts = Array.from(known, ([name, value]) => (value === true ? name : `${name}=${value}`))
  if (texts.length > 0) response.headers.set('Cache-Control', texts.join(', '))
}
