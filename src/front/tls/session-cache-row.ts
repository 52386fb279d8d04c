/** The arguments of `ssl_session_cache`. */
import type { Word } from '../../config/ast.ts'
import type { ParseContext } from '../../config/directive.ts'
import { parseSize } from '../../util/size.ts'

export type SessionCacheRow =
  | { readonly kind: 'off' | 'none' }
  | { readonly kind: 'builtin'; readonly sessions: number }
  | { readonly kind: 'shared'; readonly zone: string; readonly bytes: number }

/** OpenSSL's own default (SSL_SESSION_CACHE_MAX_SIZE_DEFAULT). */
const BUILTIN_SESSIONS = 20_480
/** ngx_ssl_session_cache: eight pages. */
const MIN_ZONE_BYTES = 8 * 4096

/** With both `builtin` and `shared`, the shared one is the larger. */
export function readSessionCache(args: readonly Word[], at: ParseContext): SessionCacheRow {
  let row: SessionCacheRow = { kind: 'none' }
  for (const { text } of args) {
    const one = readOne(text, at) ?? at.fail(`invalid session cache "${text}"`)
    if (row.kind !== 'shared') row = one
  }
  return row
}

function readOne(text: string, at: ParseContext): SessionCacheRow | undefined {
  if (text === 'off' || text === 'none') return { kind: text }
  if (text === 'builtin') return { kind: 'builtin', sessions: BUILTIN_SESSIONS }
  const [, count] = /^builtin:(\d+)$/.exec(text) ?? []
  if (count !== undefined) return { kind: 'builtin', sessions: Number(count) }
  const [, zone = '', size = ''] = /^shared:([^:]+):(.+)$/.exec(text) ?? []
  const bytes = parseSize(size)
  if (zone === '' || bytes === undefined) return undefined
  if (bytes < MIN_ZONE_BYTES) at.fail(`session cache "${text}" is too small`)
  return { kind: 'shared', zone, bytes }
}
