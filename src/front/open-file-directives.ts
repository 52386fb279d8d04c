/** Rows of `open_file_cache` and its kin (nginx, ngx_http_core_module). */
import type { AnyDirective, Context, Directive, ParseContext } from '../config/directive.ts'
import { flagRow, numberRow, secondsRow } from '../config/rows.ts'
import type { OpenFileCacheSize } from '../io/files/open-file-cache.ts'
import { parseSeconds } from '../util/duration.ts'

const HTTP: readonly Context[] = ['http', 'server', 'location']
const DEFAULT_INACTIVE_SECONDS = 60

export const openFileCache: Directive<OpenFileCacheSize | undefined> = {
  kind: 'single',
  name: 'open_file_cache',
  contexts: HTTP,
  args: [1, 2],
  syntax: 'off | max=number [inactive=time]',
  default: undefined,
  defaultText: 'off',
  doc: 'Keeps what was found of files, so that not every request asks the file system; at most max paths.',
  parse: (words, at) =>
    parseSize(
      words.map(({ text }) => text),
      at,
    ),
}

/** As nginx: `off` wins wherever it stands. */
function parseSize(words: readonly string[], at: ParseContext): OpenFileCacheSize | undefined {
  let maxEntries = 0
  let inactive: number | undefined = DEFAULT_INACTIVE_SECONDS
  for (const word of words) {
    if (word.startsWith('max=')) maxEntries = /^max=\d+$/.test(word) ? Number(word.slice(4)) : 0
    else if (word.startsWith('inactive=')) inactive = parseSeconds(word.slice(9))
    else if (word !== 'off') at.fail(`invalid "open_file_cache" parameter "${word}"`)
    if ((word.startsWith('max=') && maxEntries === 0) || inactive === undefined) {
      at.fail(`invalid "open_file_cache" parameter "${word}"`)
    }
  }
  if (words.includes('off')) return undefined
  if (maxEntries === 0) at.fail('"open_file_cache" must have the "max" parameter')
  return { maxEntries, inactiveMs: (inactive ?? DEFAULT_INACTIVE_SECONDS) * 1000 }
}

export const openFileCacheValid = secondsRow({
  name: 'open_file_cache_valid',
  contexts: HTTP,
  default: 60,
  defaultText: '60s',
  doc: 'How long an entry of open_file_cache stands before the file system is asked again.',
})

export const openFileCacheMinUses = numberRow({
  name: 'open_file_cache_min_uses',
  contexts: HTTP,
  default: 1,
  doc: 'Uses of a file after which open_file_cache trusts its entry.',
})

export const openFileCacheErrors = flagRow({
  name: 'open_file_cache_errors',
  contexts: HTTP,
  default: false,
  doc: 'Whether open_file_cache keeps that a file was not found or not allowed.',
})

export const openFileDirectives: readonly AnyDirective[] = [
  openFileCache,
  openFileCacheValid,
  openFileCacheMinUses,
  openFileCacheErrors,
]
