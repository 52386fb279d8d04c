/**
 * `chunk-size [ chunk-ext ]` of RFC 9112 section 7.1. Extensions are checked and dropped. Blanks right behind the
 * size are refused, as is a `;` without a name: both are how two parsers come to see two different bodies.
 */
import { TOKEN_CODES } from '../../http/token.ts'

/** 2^52 bytes; one more digit would leave the safe integers. */
const MAX_SIZE_DIGITS = 13

const QUOTE = 34
const BACKSLASH = 92

/** `line` is without its CRLF. The size in bytes, or -1 when it is malformed. */
export function parseChunkLine(line: string): number {
  let size = 0
  let at = 0
  for (; at < line.length; at++) {
    const digit = hexDigit(line.charCodeAt(at))
    if (digit < 0) break
    size = size * 16 + digit
  }
  if (at === 0 || at > MAX_SIZE_DIGITS) return -1
  return at === line.length || areExtensions(line, at) ? size : -1
}

/** -1 when it is none. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function areExtensions(line: string, from: number): boolean {
  let at = from
  while (at < line.length) {
    if (line[at] !== ';') return false
    const nameStart = skipBlanks(line, at + 1)
    const nameEnd = skipToken(line, nameStart)
    if (nameEnd === nameStart) return false
    at = skipBlanks(line, nameEnd)
    if (line[at] !== '=') continue
    const valueStart = skipBlanks(line, at + 1)
    const valueEnd =
      line.charCodeAt(valueStart) === QUOTE ? skipQuoted(line, valueStart) : skipToken(line, valueStart)
    if (valueEnd === valueStart) return false
    at = skipBlanks(line, valueEnd)
  }
  // blanks at the end belong to nothing
  return line[at - 1] !== ' ' && line[at - 1] !== '\t'
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function skipToken(line: string, from: number): number {
  let at = from
  while (TOKEN_CODES[line.charCodeAt(at)] === 1) at++
  return at
}

/** Behind the closing quote, or `from` when there is none or a control stands between. */
function skipQuoted(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    let code = line.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code === BACKSLASH) code = line.charCodeAt(++at)
    if (!((code >= 32 && code !== 127) || code === 9)) return from
  }
  return from
}
