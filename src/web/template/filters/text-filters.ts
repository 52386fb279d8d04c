import type { Library } from '../library.ts'
import { printf } from '../python/printf.ts'
import { codePointLength, codePoints } from '../python/sequence.ts'
import { pythonString } from '../python/string.ts'
import { words } from '../python/text-methods.ts'
import { wrap } from '../python/text-wrap.ts'
import { titleCase } from '../python/title-case.ts'
import { iriToUri, quote } from '../python/url-quote.ts'
import { SafeString } from '../safe-string.ts'
import { requireInteger } from './arguments.ts'

const SAFE = { isSafe: true } as const

/** Padding wider than this would be a page of nothing: the width may come from a visitor. */
const MAX_PADDING = 1_000_000

export function addTextFilters(library: Library): void {
  library
    .registerTextFilter('addslashes', (text) => text.replace(/[\\"']/g, '\\$&'), SAFE_ALONE)
    .registerTextFilter('capfirst', capitalizeFirst, SAFE_ALONE)
    .registerTextFilter('lower', (text) => text.toLowerCase(), SAFE_ALONE)
    .registerTextFilter('upper', (text) => text.toUpperCase(), ALONE)
    .registerTextFilter('title', title, SAFE_ALONE)
    .registerTextFilter('slugify', slugify, SAFE_ALONE)
    .registerTextFilter('make_list', (text) => codePoints(text), ALONE)
    .registerTextFilter('wordcount', (text) => words(text).length, ALONE)
    .registerTextFilter('wordwrap', (text, width) => wrap(text, requireInteger(width)), SAFE)
    .registerTextFilter('ljust', (text, width) => text + padding(text, width), SAFE)
    .registerTextFilter('rjust', (text, width) => padding(text, width) + text, SAFE)
    .registerTextFilter('center', center, SAFE)
    .registerTextFilter('cut', cut)
    .registerTextFilter('iriencode', iriToUri, SAFE_ALONE)
    .registerTextFilter('urlencode', urlencode, { argument: 'optional' })
    .registerFilter('stringformat', stringFormat, SAFE)
    .registerFilter('phone2numeric', phoneToNumeric, SAFE_ALONE)
}

const ALONE = { argument: 'none' } as const
const SAFE_ALONE = { isSafe: true, argument: 'none' } as const

function capitalizeFirst(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length)
}

/** Neither an apostrophe nor a digit, of any script. */
const PLAIN_TITLE = /^[\x20-\x26\x28-\x2f\x3a-\x7e]*$/

/** As Python's `title`, but without a capital after an apostrophe (`Joe's`) or a digit (`1st`). */
function title(text: string): string {
  if (PLAIN_TITLE.test(text)) return titleCase(text)
  return titleCase(text)
    .replace(/[a-z]'[A-Z]/g, (part) => part.toLowerCase())
    .replace(/\p{Nd}[A-Z]/gu, (part) => part.toLowerCase())
}

function slugify(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\0-\x7f]+/g, '')
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/[-\s]+/g, '-')
    .replace(/^[-_]+/, '')
    .replace(/(?<![-_])[-_]+$/, '')
}

function padding(text: string, width: unknown): string {
  return ' '.repeat(Math.min(MAX_PADDING, Math.max(0, requireInteger(width) - codePointLength(text))))
}

/** An odd space goes to the left when the width is odd, as in Python. */
function center(text: string, width: unknown): string {
  const total = padding(text, width).length
  const left = Math.floor(total / 2) + (total & requireInteger(width) & 1)
  return ' '.repeat(left) + text + ' '.repeat(total - left)
}

/** Taking out semicolons would break the character references of safe text. */
function cut(text: string, argument: unknown, _context: unknown, isSafeInput: boolean): unknown {
  const unwanted = pythonString(argument)
  const rest = unwanted === '' ? text : text.replaceAll(unwanted, '')
  return isSafeInput && unwanted !== ';' ? new SafeString(rest) : rest
}

function urlencode(text: string, safe: unknown): string {
  return safe === undefined || safe === null ? quote(text) : quote(text, pythonString(safe))
}

function stringFormat(value: unknown, format: unknown): string {
  const plain = value instanceof SafeString ? value.value : value
  return printf(pythonString(format), plain) ?? ''
}

const KEYPAD = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz']

function phoneToNumeric(value: unknown): string {
  return pythonString(value)
    .toLowerCase()
    .replace(/[a-z]/g, (letter) => String(KEYPAD.findIndex((key) => key.includes(letter)) + 2))
}
