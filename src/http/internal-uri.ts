/** Paths that a page or an application names for an internal request, with their query (ngx_http_parse_unsafe_uri). */

export interface InternalUri {
  /** Decoded once. */
  readonly uri: string
  readonly args: string
}

const HEX_PAIR = /^[0-9a-fA-F]{2}$/

/** Undefined for what leads above its folder or is no path. */
export function parseInternalUri(text: string): InternalUri | undefined {
  const query = text.indexOf('?')
  if (text === '' || query === 0) return undefined
  const path = query < 0 ? text : text.slice(0, query)
  const args = query < 0 ? '' : text.slice(query + 1)
  if (isUnsafe(path)) return undefined
  if (!path.includes('%')) return { uri: path, args }
  const uri = path.replace(/%(..?|$)/g, (_all, digits: string) =>
    HEX_PAIR.test(digits) ? String.fromCharCode(parseInt(digits, 16)) : digits,
  )
  return isUnsafe(uri) ? undefined : { uri, args }
}

function isUnsafe(path: string): boolean {
  return path.includes('\0') || /(?:^|\/)\.\.(?:\/|$)/.test(path)
}
