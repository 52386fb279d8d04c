/** Which server a request is bound to, and the cookie that binds the next ones (nginx: ngx_http_upstream_sticky). */
import { createHash } from 'node:crypto'
import { formatHttpDate } from '../../http/http-date.ts'
import type { Request } from '../request.ts'
import { oneLine } from '../configured-headers.ts'
import type { LearnedSessions } from './learned-sessions.ts'
import type { Peer } from './peer.ts'
import { SAME_SITE } from './sticky-row.ts'

export type Evaluate = (request: Request) => string

/** How a cookie is made; values that hold variables are compiled. */
export interface StickyCookie {
  readonly name: string
  readonly expires: number | 'max' | undefined
  readonly domain: Evaluate | undefined
  readonly sameSite: Evaluate | undefined
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly path: string | undefined
}

const FOREVER = '; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000'

/** What `sticky` of a group makes of requests. */
export class Sticky {
  /** The first that is not empty names the peer. */
  readonly #lookups: readonly Evaluate[]
  readonly #cookie: StickyCookie | undefined
  /** Asked before a peer is chosen, in place of `idOf`. */
  readonly learned: LearnedSessions | undefined

  constructor(lookups: readonly Evaluate[], cookie?: StickyCookie, learned?: LearnedSessions) {
    this.learned = learned
    this.#lookups = lookups
    this.#cookie = cookie
  }

  /** '' for a request that is bound to nobody. */
  idOf(request: Request): string {
    return firstOf(this.#lookups, request)
  }

  /** Value of the Set-Cookie that binds to this peer; undefined where no cookie does. */
  cookieFor(request: Request, peer: Peer): string | undefined {
    const cookie = this.#cookie
    if (!cookie) return undefined
    const { name, expires, httpOnly, secure, path } = cookie
    let text = `${name}=${stickyId(peer)}`
    if (expires === 'max') text += FOREVER
    else if (expires !== undefined)
      text += `; expires=${cookieDate(Math.floor(Date.now() / 1000) + expires)}; max-age=${expires}`
    const domain = cookie.domain?.(request) ?? ''
    if (domain !== '') text += `; domain=${domain}`
    if (httpOnly) text += '; httponly'
    if (secure) text += '; secure'
    const sameSite = cookie.sameSite?.(request) ?? ''
    if (sameSite !== '') text += `; samesite=${SAME_SITE.has(sameSite.toLowerCase()) ? sameSite : 'strict'}`
    if (path !== undefined) text += `; path=${path}`
    return oneLine(text)
  }
}

/** The first text that is not empty. */
export function firstOf(texts: readonly Evaluate[], request: Request): string {
  for (const evaluate of texts) {
    const text = evaluate(request)
    if (text !== '') return text
  }
  return ''
}

/** As browsers of old read it: `Thu, 31-Dec-37 23:55:55 GMT`; with four digits of the year where two do not do. */
function cookieDate(seconds: number): string {
  return formatHttpDate(seconds).replace(
    / (\w{3}) (\d\d)(\d\d) /,
    (_, month: string, century: string, year: string) =>
      `-${month}-${Number(century + year) > 2037 ? century : ''}${year} `,
  )
}

const ids = new WeakMap<Peer, string>()

/** Its `route`, else the MD5 of its address in hexadecimal. */
export function stickyId(peer: Peer): string {
  let id = ids.get(peer)
  if (id !== undefined) return id
  const { route, text } = peer.options
  id = route === '' ? createHash('md5').update(text, 'latin1').digest('hex') : route
  ids.set(peer, id)
  return id
}
