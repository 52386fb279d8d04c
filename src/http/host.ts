/** Host and the authority of an absolute request target, made canonical once (nginx's ngx_http_validate_host). */

export interface Host {
  /** Lower case, without port and without one trailing dot: what `server_name` is matched with. */
  readonly name: string
  /** 0 when none was given. */
  readonly port: number
}

const OTHER = 0
const LOWER = 1
const UPPER = 2
const DOT = 3
const HOST_CODES = new Uint8Array(256)
for (const char of "abcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,;=%")
  HOST_CODES[char.charCodeAt(0)] = LOWER
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') HOST_CODES[char.charCodeAt(0)] = UPPER
HOST_CODES['.'.charCodeAt(0)] = DOT

const COLON = 58
const PERCENT = 37
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const MAX_PORT = 65_535
/** What no part of the value may hold, be it a port or not. */
const UNFIT = /[/\x00-\x20\x7f]/

/**
 * Undefined for what is no host: empty, two dots in a row, an octet outside RFC 3986's reg-name, a bad port.
 * `anyPort` takes what is no port for none, as nginx before 1.29.
 */
export function parseHost(value: string, anyPort = false): Host | undefined {
  const literal = value.charCodeAt(0) === OPEN_BRACKET
  let end = literal ? literalEnd(value) : nameEnd(value)
  if (end <= 0) return undefined
  let port = 0
  if (end < value.length) {
    if (value.charCodeAt(end) !== COLON) return undefined
    port = parsePort(value, end + 1)
    if (port < 0) {
      if (!anyPort || UNFIT.test(value.slice(end))) return undefined
      port = 0
    }
  }
  if (value.charCodeAt(end - 1) === 46) end--
  if (end === 0) return undefined
  const name = end === value.length ? value : value.slice(0, end)
  return { name: hasUpper(name) ? name.toLowerCase() : name, port }
}

/** Offset where the name ends (a colon or the end of the value), -1 when an octet cannot be part of one. */
function nameEnd(value: string): number {
  let previous = OTHER
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === COLON) return i
    const kind = code > 255 ? OTHER : (HOST_CODES[code] ?? OTHER)
    if (kind === OTHER || (kind === DOT && previous === DOT)) return -1
    previous = kind
  }
  return value.length
}

/** Offset behind the bracket that closes an IP literal. */
function literalEnd(value: string): number {
  let previous = OTHER
  for (let i = 1; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === CLOSE_BRACKET) return i + 1
    const kind = code > 255 || code === PERCENT ? OTHER : (HOST_CODES[code] ?? OTHER)
    if ((kind === OTHER && code !== COLON) || (kind === DOT && previous === DOT)) return -1
    previous = kind
  }
  return -1
}

function parsePort(value: string, from: number): number {
  let port = 0
  for (let i = from; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    port = port * 10 + digit
    if (port > MAX_PORT) return -1
  }
  return port
}

function hasUpper(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (HOST_CODES[name.charCodeAt(i)] === UPPER) return true
  }
  return false
}
