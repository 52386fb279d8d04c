/**
 * Header names, interned: the same octets give the same two strings, without making a string first. One table for
 * the process, of a fixed size; well-known names keep their place, others replace each other.
 */

import { latin1 } from './latin1.ts'

/** What a field means to the codec itself. */
export const ROLE_NONE = 0
export const ROLE_HOST = 1
export const ROLE_CONTENT_LENGTH = 2
export const ROLE_TRANSFER_ENCODING = 3
export const ROLE_CONNECTION = 4
export const ROLE_EXPECT = 5

export interface FieldName {
  readonly lower: string
  readonly raw: string
  readonly role: number
  /** One bit for each name that may stand only once (RFC 9110 section 5.3), else 0. */
  readonly onceBit: number
}

interface Entry extends FieldName {
  readonly octets: Uint8Array
  readonly wellKnown: boolean
}

/** Names whose hashes end alike share a set of slots. */
const SETS = 512
const WAYS = 4
/** Longer names are made anew each time instead of being kept. */
const MAX_KEPT = 64

const ROLES = new Map([
  ['host', ROLE_HOST],
  ['content-length', ROLE_CONTENT_LENGTH],
  ['transfer-encoding', ROLE_TRANSFER_ENCODING],
  ['connection', ROLE_CONNECTION],
  ['expect', ROLE_EXPECT],
])

/** Those that nginx takes once, and Content-Type: two of them are two opinions. */
const ONCE = [
  'host',
  'content-length',
  'transfer-encoding',
  'expect',
  'content-type',
  'content-range',
  'authorization',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
]

/** Those of them that a sender of responses may not repeat either. */
export const ONCE_FRAMING = onceBit('content-length') | onceBit('transfer-encoding')
export const ONCE_ALL = -1

const WELL_KNOWN =
  `Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Request-Headers
Access-Control-Request-Method Age Allow Authorization Cache-Control Connection Content-Disposition Content-Encoding
Content-Language Content-Length Content-Location Content-Range Content-Security-Policy Content-Type Cookie DNT Date
ETag Expect Expires Forwarded From Host If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since
Keep-Alive Last-Modified Link Location Origin Pragma Priority Proxy-Authorization Proxy-Connection Range Referer
Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User
Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Set-Cookie
Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Vary Via
WWW-Authenticate X-Accel-Redirect X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto
X-Frame-Options X-Powered-By X-Real-IP X-Request-Id X-Requested-With X-XSS-Protection`.split(/\s+/)

const table: (Entry | undefined)[] = new Array<Entry | undefined>(SETS * WAYS).fill(undefined)
let turn = 0

/** One step of the hash that `internFieldName` expects, over the octets as on the wire. */
export function hashStep(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0
}

export function internFieldName(bytes: Buffer, from: number, to: number, hash: number): FieldName {
  const first = firstSlot(hash)
  for (let i = 0; i < WAYS; i++) {
    const entry = table[first + i]
    if (entry !== undefined && isSame(entry.octets, bytes, from, to)) return entry
  }
  const made = makeEntry(latin1(bytes, from, to), false)
  if (to - from <= MAX_KEPT) keep(made, first)
  return made
}

/** The slow way, for names that are not in a buffer. */
export function fieldName(raw: string): FieldName {
  return makeEntry(raw, false)
}

function firstSlot(hash: number): number {
  return ((hash ^ (hash >>> 11)) & (SETS - 1)) * WAYS
}

/** Into a free slot of the set, else in turn over one that no well-known name holds. */
function keep(entry: Entry, first: number): void {
  let victim = -1
  for (let i = 0; i < WAYS; i++) {
    const slot = first + ((i + turn) % WAYS)
    const other = table[slot]
    if (other === undefined) victim = slot
    else if (victim < 0 && !other.wellKnown) victim = slot
  }
  turn = (turn + 1) % WAYS
  if (victim >= 0) table[victim] = entry
}

function isSame(octets: Uint8Array, bytes: Buffer, from: number, to: number): boolean {
  if (octets.length !== to - from) return false
  for (let i = 0; i < octets.length; i++) {
    if (octets[i] !== bytes[from + i]) return false
  }
  return true
}

function onceBit(lower: string): number {
  const index = ONCE.indexOf(lower)
  return index < 0 ? 0 : 1 << index
}

function makeEntry(raw: string, wellKnown: boolean): Entry {
  const lower = raw.toLowerCase()
  return {
    lower,
    raw,
    role: ROLES.get(lower) ?? ROLE_NONE,
    onceBit: onceBit(lower),
    octets: Uint8Array.from(raw, (char) => char.charCodeAt(0)),
    wellKnown,
  }
}

for (const name of WELL_KNOWN) {
  for (const raw of [name.toLowerCase(), name]) {
    let hash = 0
    for (let i = 0; i < raw.length; i++) hash = hashStep(hash, raw.charCodeAt(i))
    keep(makeEntry(raw, true), firstSlot(hash))
  }
}
