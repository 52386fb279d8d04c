/** The Cookie and Set-Cookie fields, quoted as Python's `http.cookies` quotes them so that both read each other's. */

import { formatHttpDate } from '../../http/http-date.ts'

/** Attributes of one cookie to be set. Times are in seconds. */
export interface CookieOptions {
  readonly maxAge?: number | null
  readonly expires?: Date | string | null
  readonly path?: string | null
  readonly domain?: string | null
  readonly secure?: boolean
  readonly httpOnly?: boolean
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | null
}

/** A request's Cookie header, the last of a name winning. A part without `=` has the empty name. */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  let start = 0
  while (start <= header.length) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon < 0 ? header.length : semicolon
    addCookie(cookies, header.slice(start, end))
    start = end + 1
  }
  return cookies
}

function addCookie(cookies: Map<string, string>, chunk: string): void {
  const equals = chunk.indexOf('=')
  const key = equals < 0 ? '' : chunk.slice(0, equals).trim()
  const value = chunk.slice(equals + 1).trim()
  if (key !== '' || value !== '') cookies.set(key, unquote(value))
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value
  const inner = value.slice(1, -1)
  if (!inner.includes('\\')) return inner
  return inner.replace(/\\(?:([0-3][0-7][0-7])|(.))/gs, (_match, octal?: string, other?: string) =>
    octal === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

const illegalInName = /[^A-Za-z0-9!#$%&'*+\-.^_`|~:]/
const needsQuotes = /[^A-Za-z0-9!#$%&'*+\-.^_`|~:]/
const needsEscape = /["\\]|[^A-Za-z0-9!#$%&'*+\-.^_`|~: ()/<=>?@[\]{}]/g

function quoteValue(value: string): string {
  if (value !== '' && !needsQuotes.test(value)) return value
  const escaped = value.replace(needsEscape, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
  })
  return `"${escaped}"`
}

/** One cookie of a response. */
export class SetCookie {
  readonly name: string
  readonly value: string
  readonly options: CookieOptions
  readonly #expires: string

  /**
   * @param nowMs the time that `maxAge` counts from
   * @throws TypeError for a name that is no token, or a value outside Latin-1
   */
  constructor(name: string, value: string, options: CookieOptions, nowMs: number) {
    if (name === '' || illegalInName.test(name))
      throw new TypeError(`Illegal cookie name ${JSON.stringify(name)}`)
    if (/[^\x00-\xff]/.test(value)) {
      throw new TypeError(`The value of the cookie ${name} has characters outside Latin-1: encode it first`)
    }
    this.name = name
    this.value = value
    this.options = options
    this.#expires = expiresOf(options, nowMs)
    for (const part of [options.domain, options.path, this.#expires]) assertAttribute(part ?? '')
  }

  /** The field value. Attributes stand in the alphabet's order, as Python's do. */
  toString(): string {
    const { domain, path, secure, httpOnly, sameSite } = this.options
    const maxAge = maxAgeOf(this.options)
    let text = `${this.name}=${quoteValue(this.value)}`
    if (domain) text += `; Domain=${domain}`
    if (this.#expires !== '') text += `; expires=${this.#expires}`
    if (httpOnly === true) text += '; HttpOnly'
    if (maxAge !== null) text += `; Max-Age=${maxAge}`
    if (path !== null) text += `; Path=${path ?? '/'}`
    if (sameSite) text += `; SameSite=${sameSite}`
    if (secure === true) text += '; Secure'
    return text
  }
}

function maxAgeOf(options: CookieOptions): number | null {
  return options.maxAge === undefined || options.maxAge === null ? null : Math.trunc(options.maxAge)
}

function expiresOf(options: CookieOptions, nowMs: number): string {
  if (typeof options.expires === 'string') return options.expires
  if (options.expires) return formatHttpDate(options.expires.getTime() / 1000)
  const maxAge = maxAgeOf(options)
  return maxAge === null ? '' : formatHttpDate(nowMs / 1000 + maxAge)
}

/** A semicolon would begin another attribute. */
function assertAttribute(value: string): void {
  if (/[;\x00-\x1f\x7f]/.test(value)) throw new TypeError(`Illegal cookie attribute ${JSON.stringify(value)}`)
}
