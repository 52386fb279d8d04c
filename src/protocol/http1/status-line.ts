/** Status line of RFC 9112 section 4, taken as loosely as nginx does: the reason may be missing, blank and all. */

export interface StatusLine {
  readonly version: 10 | 11
  readonly status: number
  readonly reason: string
}

const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: ([^\0\r\n]*))?$/

/** `line` is without its LF. */
export function parseStatusLine(line: string): StatusLine | undefined {
  const match = STATUS_LINE.exec(line.endsWith('\r') ? line.slice(0, -1) : line)
  if (match === null) return undefined
  return { version: match[1] === '0' ? 10 : 11, status: Number(match[2]), reason: match[3] ?? '' }
}
