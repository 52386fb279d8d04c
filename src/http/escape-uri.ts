/** Percent-escaping as nginx does it, for strings of octets (code points up to 255). */

/**
 * `uri`: a path made into one again (Location, requests to upstreams). `args`: a value within a query.
 * `component`: everything but unreserved characters. `html`: a link in a page; quotes go too.
 */
export type UriPart = 'uri' | 'args' | 'component' | 'html'

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
const KEPT: Record<UriPart, string> = {
  uri: UNRESERVED + ":/[]@!$&'()*+,;=",
  args: UNRESERVED + ":/[]@!$'()*,=",
  component: UNRESERVED,
  html: UNRESERVED + ':/[]@!$&()*+,;=?',
}

const HEX: string[] = []
for (let code = 0; code < 256; code++) HEX.push('%' + code.toString(16).toUpperCase().padStart(2, '0'))

function keptCodes(part: UriPart): Uint8Array {
  const codes = new Uint8Array(256)
  for (const char of KEPT[part]) codes[char.charCodeAt(0)] = 1
  return codes
}

const CODES: Record<UriPart, Uint8Array> = {
  uri: keptCodes('uri'),
  args: keptCodes('args'),
  component: keptCodes('component'),
  html: keptCodes('html'),
}

export function escapeUri(text: string, part: UriPart): string {
  const kept = CODES[part]
  let escaped = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (kept[code] === 1) continue
    escaped += text.slice(from, i) + (HEX[code] ?? encodeURIComponent(text[i] ?? ''))
    from = i + 1
  }
  return from === 0 ? text : escaped + text.slice(from)
}
