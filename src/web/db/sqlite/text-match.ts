import type { SqlValue } from '../fields/field.ts'

/** The text lookups where LIKE and GLOB do not do: letters beyond ASCII, NUL, long patterns (query/lookups.ts). */
const matchers: ReadonlyMap<string, (text: string, pattern: string) => boolean> = new Map([
  ['contains', (text, pattern) => text.includes(pattern)],
  ['startswith', (text, pattern) => text.startsWith(pattern)],
  ['endswith', (text, pattern) => text.endsWith(pattern)],
  ['icontains', (text, pattern) => fold(text).includes(fold(pattern))],
  ['istartswith', (text, pattern) => fold(text).startsWith(fold(pattern))],
  ['iendswith', (text, pattern) => fold(text).endsWith(fold(pattern))],
  ['iexact', (text, pattern) => fold(text) === fold(pattern)],
])

let lastPattern = ''
let lastFolded = ''

/** One query asks for one pattern on every row: it is folded once. */
function fold(text: string): string {
  if (text === lastPattern) return lastFolded
  return text.toLowerCase()
}

export function matchText(lookup: SqlValue, text: SqlValue, pattern: SqlValue): number | null {
  if (text === null || pattern === null) return null
  const wanted = String(pattern)
  if (wanted !== lastPattern) {
    lastFolded = wanted.toLowerCase()
    lastPattern = wanted
  }
  return matchers.get(String(lookup))?.(String(text), wanted) === true ? 1 : 0
}
