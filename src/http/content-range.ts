/** The `Content-Range` of a part (RFC 9110 section 14.4). */

export interface ContentRange {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
  /** Of the whole; undefined where it is not known. */
  readonly length: number | undefined
}

/** Undefined when it says no range of bytes. */
export function parseContentRange(text: string): ContentRange | undefined {
  const match = /^bytes +([0-9]{1,19}) *- *([0-9]{1,19}) *\/ *([0-9]{1,19}|\*) *$/.exec(text)
  if (!match) return undefined
  const [, first = '', last = '', whole = ''] = match
  const length = whole === '*' ? undefined : Number(whole)
  return { start: Number(first), end: Number(last) + 1, length }
}
