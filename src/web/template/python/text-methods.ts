import { titleCase } from './title-case.ts'

/** Python's white space, which `str.split` and `str.strip` go by; unlike JavaScript's it has no U+FEFF. */
function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit >= 0x1c || (unit >= 9 && unit <= 13)
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0
  if (unit < 0x2028) return unit === 0x1680 || (unit >= 0x2000 && unit <= 0x200a)
  return unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000
}

/** Python's `str.split()`, or its first `limit` words. */
export function words(text: string, limit = Infinity): string[] {
  const found: string[] = []
  let start = -1
  for (let i = 0; i < text.length && found.length < limit; i++) {
    if (!isSpace(text.charCodeAt(i))) {
      if (start < 0) start = i
    } else if (start >= 0) {
      found.push(text.slice(start, i))
      start = -1
    }
  }
  if (start >= 0 && found.length < limit) found.push(text.slice(start))
  return found
}

function leftStrip(text: string): string {
  let start = 0
  while (start < text.length && isSpace(text.charCodeAt(start))) start++
  return text.slice(start)
}

function rightStrip(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

export function strip(text: string): string {
  return rightStrip(leftStrip(text))
}

const LINE_END = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/g

/** Python's `str.splitlines`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = []
  let start = 0
  for (const match of text.matchAll(LINE_END)) {
    const end = match.index + match[0].length
    lines.push(text.slice(start, keepEnds ? end : match.index))
    start = end
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

function capitalize(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

/** Methods of Python's strings that templates can call: those that need no argument. */
export const TEXT_METHODS: ReadonlyMap<string, (text: string) => unknown> = new Map<
  string,
  (text: string) => unknown
>([
  ['upper', (text) => text.toUpperCase()],
  ['lower', (text) => text.toLowerCase()],
  ['title', titleCase],
  ['capitalize', capitalize],
  ['strip', strip],
  ['lstrip', leftStrip],
  ['rstrip', rightStrip],
  ['split', words],
  ['splitlines', (text) => splitLines(text)],
  ['isdigit', (text) => /^\p{Nd}+$/u.test(text)],
  ['isalpha', (text) => /^\p{L}+$/u.test(text)],
  ['isalnum', (text) => /^[\p{L}\p{N}]+$/u.test(text)],
  ['isspace', (text) => text !== '' && strip(text) === ''],
  ['toUpperCase', (text) => text.toUpperCase()],
  ['toLowerCase', (text) => text.toLowerCase()],
  ['trim', (text) => text.trim()],
])
