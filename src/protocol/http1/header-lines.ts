/**
 * Header lines of both directions. This is the last line of defence: a name that is no token and a value with CR, LF or
 * NUL in it throw `refused_header`, whoever made them.
 */
import { isToken } from '../../http/token.ts'
import { Http1Error } from './http1-error.ts'

/** Names that passed; an application uses the same few again and again. */
const goodNames = new Set<string>()
const MAX_GOOD_NAMES = 1024

/** `headers` is flat: name, value, name, value. */
export function encodeHeaderLines(headers: readonly string[]): string {
  let lines = ''
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    const value = headers[i + 1]!
    if (!goodNames.has(name)) checkName(name)
    if (!isOneLine(value)) throw new Http1Error('refused_header', `${name}: ${value}`)
    lines += name + ': ' + value + '\r\n'
  }
  return lines
}

/** One of them, for who builds a head of fixed parts. */
export function encodeHeaderLine(name: string, value: string): string {
  if (!goodNames.has(name)) checkName(name)
  if (!isOneLine(value)) throw new Http1Error('refused_header', `${name}: ${value}`)
  return name + ': ' + value + '\r\n'
}

/** False for CR, LF and NUL, and for what is no octet: it would be cut to one when written, to CR or LF perhaps. */
export function isOneLine(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 14 ? code === 13 || code === 10 || code === 0 : code > 255) return false
  }
  return true
}

function checkName(name: string): void {
  if (!isToken(name)) throw new Http1Error('refused_header', name)
  if (goodNames.size < MAX_GOOD_NAMES) goodNames.add(name)
}
