import { titleCase } from './title-case.ts'

/** Python's white space, which `str.split` and `str.strip` go by; unlike JavaScript's it has no U+FEFF. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const WORD = new RegExp(`(?:(?!${SPACE})[^])+`, 'gu')
const SPACE_CHARACTER = new RegExp(SPACE, 'u')

function isSpace(character: string): boolean {
  return SPACE_CHARACTER.test(character)
}

/** Python's `str.split()`. */
export function words(text: string): string[] {
  return text.match(WORD) ?? []
}

function leftStrip(text: string): string {
  let start = 0
  while (start < text.length && isSpace(text.charAt(start))) start++
  return text.slice(start)
}

function rightStrip(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charAt(end - 1))) end--
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
