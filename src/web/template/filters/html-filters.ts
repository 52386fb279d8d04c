import type { Context } from '../context.ts'
import { stripTags } from '../html/strip-tags.ts'
import { truncateChars, truncateCharsHtml, truncateWords, truncateWordsHtml } from '../html/truncate.ts'
import { urlize } from '../html/urlize.ts'
import type { Library } from '../library.ts'
import { pythonJson } from '../python/json.ts'
import { toInteger } from '../python/number.ts'
import { toList, typeName } from '../python/sequence.ts'
import { conditionalEscape, escape, escapeHtml, formatHtml, markSafe, SafeString } from '../safe-string.ts'
import { requireInteger } from './arguments.ts'

const SAFE = { isSafe: true } as const
const SAFE_ALONE = { isSafe: true, argument: 'none' } as const

export function addHtmlFilters(library: Library): void {
  library
    .registerFilter('escape', conditionalEscape, SAFE_ALONE)
    .registerFilter('force_escape', escape, SAFE_ALONE)
    .registerFilter('safe', markSafe, SAFE_ALONE)
    .registerFilter('safeseq', safeSequence, SAFE_ALONE)
    .registerTextFilter('escapejs', escapeJs, { argument: 'none' })
    .registerFilter('json_script', jsonScript, SAFE)
    .registerTextFilter('striptags', stripTags, SAFE_ALONE)
    .registerTextFilter('linebreaks', linebreaks, SAFE_ALONE)
    .registerTextFilter('linebreaksbr', linebreaksbr, SAFE_ALONE)
    .registerTextFilter('linenumbers', linenumbers, SAFE_ALONE)
    .registerTextFilter(
      'urlize',
      (text, _, context, isSafe) => links(text, undefined, context, isSafe),
      SAFE_ALONE,
    )
    .registerTextFilter(
      'urlizetrunc',
      (text, limit, context, isSafe) => links(text, requireInteger(limit), context, isSafe),
      SAFE,
    )
    .registerTextFilter('truncatechars', truncating(truncateChars), SAFE)
    .registerTextFilter('truncatechars_html', truncating(truncateCharsHtml), SAFE)
    .registerTextFilter('truncatewords', truncating(truncateWords), SAFE)
    .registerTextFilter('truncatewords_html', truncating(truncateWordsHtml), SAFE)
}

function safeSequence(value: unknown): SafeString[] {
  const items = toList(value)
  if (!items) throw new TypeError(`'${typeName(value)}' object is not iterable`)
  return items.map(markSafe)
}

/** For text between quotes in a script: everything that could end the string, the script or the page's trust in it. */
function escapeJs(text: string): SafeString {
  return new SafeString(
    text.replace(/[\0-\x1f\\'"<>&=\-;`\u2028\u2029]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    }),
  )
}

const SCRIPT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
])

/** Data for scripts, in an element that no value in it can close. */
function jsonScript(value: unknown, elementId: unknown): SafeString {
  const json = pythonJson(value).replace(/[<>&]/g, (character) => SCRIPT_ESCAPES.get(character) ?? '')
  return formatHtml('<script id="{}" type="application/json">{}</script>', elementId, new SafeString(json))
}

function normalizeNewlines(text: string): string {
  return text.replace(/\r\n|\r/g, '\n')
}

/** Escaped, unless it is HTML already or escaping is off. */
function htmlLines(text: string, context: Context, isSafe: boolean): string {
  return context.autoescape && !isSafe ? escapeHtml(text) : text
}

function linebreaks(text: string, _: unknown, context: Context, isSafe: boolean): SafeString {
  const paragraphs = normalizeNewlines(text).split(/\n{2,}/)
  return new SafeString(
    paragraphs
      .map((text) => `<p>${htmlLines(text, context, isSafe).replaceAll('\n', '<br>')}</p>`)
      .join('\n\n'),
  )
}

function linebreaksbr(text: string, _: unknown, context: Context, isSafe: boolean): SafeString {
  return new SafeString(htmlLines(normalizeNewlines(text), context, isSafe).replaceAll('\n', '<br>'))
}

function linenumbers(text: string, _: unknown, context: Context, isSafe: boolean): SafeString {
  const lines = text.split('\n')
  const width = String(lines.length).length
  return new SafeString(
    lines
      .map((line, i) => `${String(i + 1).padStart(width, '0')}. ${htmlLines(line, context, isSafe)}`)
      .join('\n'),
  )
}

function links(text: string, limit: number | undefined, context: Context, isSafe: boolean): SafeString {
  const options = { escape: context.autoescape && !isSafe }
  return new SafeString(urlize(text, limit === undefined ? options : { ...options, limit }))
}

/** A limit that is no number leaves the text as it is. */
function truncating(truncate: (text: string, limit: number) => string) {
  return (text: string, limit: unknown): string => {
    const number = toInteger(limit)
    return number === undefined ? text : truncate(text, number)
  }
}
