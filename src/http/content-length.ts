/** More digits than this cannot be a safe integer; 2^53 - 1 has 16. Leading zeros count too. */
const MAX_DIGITS = 19

/**
 * Content-Length of RFC 9110 section 8.6 in bytes, or undefined when it is anything but digits or too large to
 * count exactly. Lists of equal values are refused as well: two parties may disagree on them. Leading zeros are
 * decimal, never octal.
 */
export function parseContentLength(value: string): number | undefined {
  if (value.length === 0 || value.length > MAX_DIGITS) return undefined
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    length = length * 10 + digit
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : undefined
}
