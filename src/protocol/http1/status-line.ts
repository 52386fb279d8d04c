/** Status line of RFC 9112 section 4, taken as loosely as nginx does: the reason may be missing, blank and all. */

export interface StatusLine {
  readonly version: 10 | 11
  readonly status: number
  readonly reason: string
}

const CR = 13
const SPACE = 32
const ZERO = 48
/** `HTTP/1.1 200` */
const SHORTEST = 12

/** `line` is without its LF. */
export function parseStatusLine(line: string): StatusLine | undefined {
  const end = line.charCodeAt(line.length - 1) === CR ? line.length - 1 : line.length
  if (end < SHORTEST || !line.startsWith('HTTP/1.') || line.charCodeAt(8) !== SPACE) return undefined
  const minor = line.charCodeAt(7) - ZERO
  const status = threeDigits(line, 9)
  if (minor >>> 0 > 9 || status < 100) return undefined
  if (end > SHORTEST && line.charCodeAt(SHORTEST) !== SPACE) return undefined
  const reason = line.slice(SHORTEST + 1, end)
  if (!isReason(reason)) return undefined
  return { version: minor === 0 ? 10 : 11, status, reason }
}

/** -1 for anything else. */
function threeDigits(line: string, at: number): number {
  let number = 0
  for (let index = at; index < at + 3; index += 1) {
    const digit = line.charCodeAt(index) - ZERO
    if (digit >>> 0 > 9) return -1
    number = number * 10 + digit
  }
  return number
}

function isReason(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0 || code === 10 || code === CR) return false
  }
  return true
}
