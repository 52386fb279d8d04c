import { escapeHtml } from '../safe-string.ts'
import { codePointLength, codePointSlice } from '../python/sequence.ts'
import { unescapeHtml } from './unescape.ts'
import { asciiHost, smartUrlQuote } from './url-normalize.ts'

const MAX_URL_LENGTH = 2048
const WORD_BREAK = /([\s<>"']+)/
const HTTP_URL = /^https?:\/\/\[?[\p{L}\p{N}_]/iu
const BARE_URL = /^www\.|^(?!http)[\p{L}\p{N}_][^@]+\.(?:com|edu|gov|int|mil|net|org)(?:$|\/.*)$/iu
/** The end of a character reference, whose semicolon is not punctuation. */
const REFERENCE_END = /&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);$/i

export interface UrlizeOptions {
  /** Escape what is not part of a link; off for text that is HTML already. */
  readonly escape: boolean
  /** Longer link texts are cut, with `…` as the last character. */
  readonly limit?: number
}

/** Makes links of the URLs, bare host names of well-known domains and e-mail addresses in a text. */
export function urlize(text: string, { escape, limit }: UrlizeOptions): string {
  const show = escape ? escapeHtml : (part: string) => part
  return text
    .split(WORD_BREAK)
    .map((word) => (/[.@:]/.test(word) ? (link(word, limit, show) ?? show(word)) : show(word)))
    .join('')
}

function link(word: string, limit: number | undefined, show: (part: string) => string): string | undefined {
  const [start, end] = trimPunctuation(word)
  const middle = word.slice(start, end)
  const target = targetOf(middle)
  if (!target) return undefined
  const attributes = target.isMail ? '' : ' rel="nofollow"'
  const text = show(shorten(middle, limit))
  const anchor = `<a href="${escapeHtml(target.url)}"${attributes}>${text}</a>`
  return show(word.slice(0, start)) + anchor + show(word.slice(end))
}

function shorten(text: string, limit: number | undefined): string {
  if (limit === undefined || codePointLength(text) <= limit) return text
  return `${codePointSlice(text, 0, Math.max(0, limit - 1))}…`
}

function targetOf(middle: string): { readonly url: string; readonly isMail: boolean } | undefined {
  if (middle.length <= MAX_URL_LENGTH) {
    if (HTTP_URL.test(middle)) return { url: smartUrlQuote(unescapeHtml(middle)), isMail: false }
    if (BARE_URL.test(middle)) return { url: smartUrlQuote(`http://${unescapeHtml(middle)}`), isMail: false }
  }
  if (middle.includes(':') || !isSimpleEmail(middle)) return undefined
  const at = middle.indexOf('@')
  const domain = asciiHost(middle.slice(at + 1))
  return domain === undefined ? undefined : { url: `mailto:${middle.slice(0, at)}@${domain}`, isMail: true }
}

function isSimpleEmail(text: string): boolean {
  const parts = text.split('@', 3)
  const [local = '', domain = ''] = parts
  return (
    parts.length === 2 &&
    local !== '' &&
    domain.length <= 63 &&
    domain.includes('.') &&
    !domain.startsWith('.')
  )
}

const WRAPPERS = [
  ['(', ')'],
  ['[', ']'],
] as const

/**
 * Where the word begins and ends without the brackets around it and the punctuation after it. A closing bracket stays
 * when its opening one is inside. Brackets are counted once, so that a word of nothing else takes linear time.
 */
function trimPunctuation(word: string): [start: number, end: number] {
  const surplus = WRAPPERS.map(([opening, closing]) => count(word, closing) - count(word, opening))
  let start = 0
  let end = word.length
  for (let before = -1; before !== end - start && start < end;) {
    before = end - start
    WRAPPERS.forEach(([opening, closing], i) => {
      if (start < end && word.charAt(start) === opening) {
        start++
        surplus[i] = (surplus[i] ?? 0) + 1
      }
      if (start < end && word.charAt(end - 1) === closing && surplus[i] === 1) {
        end--
        surplus[i] = 0
      }
    })
    while (start < end && isTrailing(word, end)) end--
  }
  return [start, end]
}

function isTrailing(word: string, end: number): boolean {
  const last = word.charAt(end - 1)
  if (last === ';') return !REFERENCE_END.test(word.slice(Math.max(0, end - 40), end))
  return '.,:!'.includes(last)
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
