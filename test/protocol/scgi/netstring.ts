/** Requests made by hand, not by the codec that is tested. */

/** Headers with their NULs, as a netstring. */
export function netstring(content: string): Buffer {
  return Buffer.from(`${content.length}:${content},`, 'latin1')
}

export function headers(...vars: string[]): string {
  return vars.map((text) => `${text}\0`).join('')
}

/** With what the specification wants in front. */
export function request(length: number | string, ...vars: string[]): Buffer {
  return netstring(headers('CONTENT_LENGTH', String(length), 'SCGI', '1', ...vars))
}
