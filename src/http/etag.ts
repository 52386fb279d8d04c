/** Entity tags (RFC 9110 section 8.8.3), as strings with their quotes and `W/`. */

/** nginx's form for files. The dash keeps (time 1, size 23) apart from (time 12, size 3). */
export function fileEtag(mtimeSeconds: number, size: number): string {
  return `"${Math.floor(mtimeSeconds).toString(16)}-${size.toString(16)}"`
}

export function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}

/** `W/` is dropped in a tag that is strong already by having none. */
export function weaken(etag: string): string {
  return isWeak(etag) ? etag : `W/${etag}`
}

const QUOTE = 34
const COMMA = 44
const SPACE = 32
const TAB = 9

/**
 * Whether a list of tags (If-Match, If-None-Match; `*` is for the caller) has this one. `weak` compares without `W/`;
 * otherwise a weak tag equals nothing. One pass over the list, whatever it holds.
 */
export function listHasEtag(list: string, etag: string, weak: boolean): boolean {
  if (!weak && isWeak(etag)) return false
  const opaque = isWeak(etag) ? etag.slice(2) : etag
  let at = 0
  while (at < list.length) {
    const code = list.charCodeAt(at)
    if (code === COMMA || code === SPACE || code === TAB) {
      at++
      continue
    }
    const isWeakMember = list.startsWith('W/', at)
    const start = isWeakMember ? at + 2 : at
    const end = memberEnd(list, start)
    const isSame = end - start === opaque.length && list.startsWith(opaque, start)
    if (isSame && (weak || !isWeakMember)) return true
    at = end
  }
  return false
}

/** Behind the closing quote, or where junk without quotes ends. */
function memberEnd(list: string, start: number): number {
  if (list.charCodeAt(start) === QUOTE) {
    const close = list.indexOf('"', start + 1)
    return close < 0 ? list.length : close + 1
  }
  let at = start
  while (at < list.length && list.charCodeAt(at) !== COMMA) at++
  return at
}
