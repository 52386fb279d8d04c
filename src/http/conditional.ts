/** Preconditions (RFC 9110 section 13), in the order of section 13.2.2. */
import { isWeak, listHasEtag } from './etag.ts'
import type { HeaderTable } from './header-table.ts'
import { parseHttpDate } from './http-date.ts'

/** What the selected representation has; undefined for what it has not. */
export interface Validators {
  /** With quotes, and `W/` when it is weak. */
  readonly etag: string | undefined
  /** Unix seconds. */
  readonly lastModified: number | undefined
}

/** `if_modified_since`: which dates count as "not since". */
export type IfModifiedSince = 'off' | 'exact' | 'before'

/** Go on, answer 304, answer 412. */
export type Verdict = 'proceed' | 'not_modified' | 'failed'

/** To be asked only where the answer without conditions would be 2xx. */
export function evaluateConditions(
  method: string,
  headers: HeaderTable,
  validators: Validators,
  ifModifiedSince: IfModifiedSince,
): Verdict {
  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, validators.etag, false)) return 'failed'
  } else if (isModifiedSince(headers.get('if-unmodified-since'), validators.lastModified, 'before')) {
    return 'failed'
  }
  const isRead = method === 'GET' || method === 'HEAD'
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined) {
    if (!matches(ifNoneMatch, validators.etag, true)) return 'proceed'
    return isRead ? 'not_modified' : 'failed'
  }
  if (!isRead || ifModifiedSince === 'off') return 'proceed'
  const since = isModifiedSince(headers.get('if-modified-since'), validators.lastModified, ifModifiedSince)
  return since === false ? 'not_modified' : 'proceed'
}

/**
 * If-Range: whether Range counts. Compared strongly, a date exactly (RFC 9110 section 13.1.5); undefined is a request
 * without If-Range.
 */
export function allowsRange(ifRange: string | undefined, validators: Validators): boolean {
  if (ifRange === undefined) return true
  if (ifRange.endsWith('"')) return validators.etag === ifRange && !isWeak(ifRange)
  const date = parseHttpDate(ifRange)
  return date !== undefined && date === validators.lastModified
}

function matches(list: string, etag: string | undefined, weak: boolean): boolean {
  if (list === '*') return true
  return etag !== undefined && listHasEtag(list, etag, weak)
}

/** Undefined when the field does not count: absent, no date, or there is no date to compare with. */
function isModifiedSince(
  value: string | undefined,
  lastModified: number | undefined,
  mode: 'exact' | 'before',
): boolean | undefined {
  if (value === undefined || lastModified === undefined) return undefined
  const since = parseHttpDate(value)
  if (since === undefined) return undefined
  return mode === 'exact' ? since !== lastModified : since < lastModified
}
