/**
 * Sizes as nginx writes them: digits and one unit letter, no sign, no fraction, no white space.
 * Bounded by the largest integer a number holds exactly, where nginx has 2^63 - 1.
 */

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Bytes in memory: `k` and `m` (ngx_parse_size). Undefined when it is none. */
export function parseSize(text: string): number | undefined {
  return /g$/i.test(text) ? undefined : parseOffset(text)
}

/** Bytes in files and bodies: `k`, `m` and `g` (ngx_parse_offset). */
export function parseOffset(text: string): number | undefined {
  const scale = UNITS[text.slice(-1).toLowerCase()]
  const number = parseDigits(scale === undefined ? text : text.slice(0, -1))
  return number === undefined ? undefined : exact(number * (scale ?? 1))
}

/** A number without sign (ngx_atoi). */
export function parseDigits(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? exact(Number(text)) : undefined
}

function exact(number: number): number | undefined {
  return number <= Number.MAX_SAFE_INTEGER ? number : undefined
}
