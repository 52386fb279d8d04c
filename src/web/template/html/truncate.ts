import { words } from '../python/text-methods.ts'

/** Longer HTML is cut to this many characters before it is looked at. */
const MAX_HTML_LENGTH = 5_000_000
const VOID_TAGS: ReadonlySet<string> = new Set([
  'br',
  'col',
  'link',
  'base',
  'img',
  'param',
  'area',
  'hr',
  'input',
])
const BEYOND_ASCII = /[^\0-\x7f]/
const COMBINING = /\p{Mn}/u

/** At most `limit` characters, the last of them `…` when something was cut off. Combining marks do not count. */
export function truncateChars(value: string, limit: number): string {
  if (!BEYOND_ASCII.test(value)) {
    return value.length <= Math.max(0, limit) ? value : `${value.slice(0, Math.max(0, limit - 1))}…`
  }
  const text = value.normalize('NFC')
  let counted = 0
  let cutAt: number | undefined
  let at = 0
  for (const character of text) {
    if (!COMBINING.test(character)) {
      counted++
      if (cutAt === undefined && counted > limit - 1) cutAt = at
      if (counted > limit) return `${text.slice(0, cutAt ?? 0)}…`
    }
    at += character.length
  }
  return text
}

/** At most `limit` words, with single spaces between them, and ` …` when something was cut off. */
export function truncateWords(value: string, limit: number): string {
  // One word more than are kept says whether anything was cut off.
  const found = words(value, limit < 0 ? Infinity : limit + 1)
  if (found.length <= limit) return found.join(' ')
  const kept = found.slice(0, limit).join(' ')
  return kept.endsWith(' …') ? kept : `${kept} …`
}

export function truncateCharsHtml(value: string, limit: number): string {
  return truncateHtml(value.normalize('NFC'), limit, limit - 1, '…', 'characters')
}

export function truncateWordsHtml(value: string, limit: number): string {
  return limit <= 0 ? '' : truncateHtml(value, limit, limit, ' …', 'words')
}

interface Piece {
  readonly end: number
  /** The tag with its angle brackets; `undefined` for a character or word that counts. */
  readonly tag: string | undefined
}

/** Tags count nothing; those that the cut leaves open are closed. */
function truncateHtml(
  value: string,
  limit: number,
  keep: number,
  ellipsis: string,
  unit: 'characters' | 'words',
): string {
  const isTooLong = value.length > MAX_HTML_LENGTH
  const html = isTooLong ? value.slice(0, MAX_HTML_LENGTH) : value
  const pieces = new HtmlPieces(html)
  const openTags: string[] = []
  let counted = 0
  let cutAt = 0
  let at = 0
  while (counted <= limit) {
    const piece = unit === 'words' ? pieces.wordOrTag(at) : pieces.characterOrTag(at)
    if (!piece) break
    at = piece.end
    if (piece.tag === undefined) {
      counted++
      if (counted === keep) cutAt = at
    } else if (counted < keep) {
      followTag(piece.tag, openTags)
    }
  }
  if (counted <= limit) return isTooLong ? html + ellipsis : html
  return (
    html.slice(0, cutAt) +
    ellipsis +
    openTags
      .reverse()
      .map((name) => `</${name}>`)
      .join('')
  )
}

const TAG = /^<(\/)?(\S+?)(?:(\s*\/)|\s[^]*?)?>/

/** A closing tag counts only where it closes the tag opened last. */
function followTag(tag: string, openTags: string[]): void {
  const match = TAG.exec(tag)
  if (!match) return
  const [, closing, written = '', selfClosing] = match
  const name = written.toLowerCase()
  if (selfClosing !== undefined || VOID_TAGS.has(name)) return
  if (closing === undefined) openTags.push(name)
  else if (openTags.at(-1) === name) openTags.pop()
}

/** Reads HTML piece by piece. A `<` without a `>` after it is text; that there is none is found out once. */
class HtmlPieces {
  readonly #html: string
  #lastClosing = 0

  constructor(html: string) {
    this.#html = html
  }

  characterOrTag(at: number): Piece | undefined {
    const codePoint = this.#html.codePointAt(at)
    if (codePoint === undefined) return undefined
    if (codePoint === 0x3c) {
      const closing = this.#closing(at + 1)
      if (closing > at + 1) return { end: closing + 1, tag: this.#html.slice(at, closing + 1) }
    }
    return { end: at + (codePoint > 0xffff ? 2 : 1), tag: undefined }
  }

  wordOrTag(from: number): Piece | undefined {
    for (let at = from; at < this.#html.length; at++) {
      const character = this.#html.charAt(at)
      if (character === '<') {
        const closing = this.#closing(at + 1)
        if (closing >= 0) return { end: closing + 1, tag: this.#html.slice(at, closing + 1) }
      } else if (character !== '>' && !SPACE.test(character)) {
        return { end: this.#wordEnd(at), tag: undefined }
      }
    }
    return undefined
  }

  #wordEnd(start: number): number {
    let at = start + 1
    while (at < this.#html.length && !/[<>\s]/.test(this.#html.charAt(at))) at++
    return at
  }

  /** The next `>`, or -1. */
  #closing(from: number): number {
    if (this.#lastClosing >= 0 && this.#lastClosing < from) this.#lastClosing = this.#html.indexOf('>', from)
    return this.#lastClosing
  }
}

const SPACE = /\s/
