/** The path of a request target, for PATH_INFO. Octets stay octets: a decoded one is a Latin-1 character (PEP 3333). */

/** Path and query of an origin form or an absolute form; empty for `*`, which is about no path (RFC 9110 section 9.3.7). */
export function pathOfTarget(target: string): string {
  if (target.startsWith('/')) return target
  const scheme = target.indexOf('://')
  if (scheme < 0) return ''
  const rest = target.slice(scheme + 3)
  const end = rest.search(/[/?]/)
  if (end < 0) return '/'
  return rest.startsWith('?', end) ? `/${rest.slice(end)}` : rest.slice(end)
}

/** Decodes each `%XX` once. What is no escape stays as it is; the front has refused it already if it minds. */
export function decodePath(path: string): string {
  let at = path.indexOf('%')
  if (at < 0) return path
  let decoded = ''
  let from = 0
  while (at >= 0) {
    const octet = hexDigit(path, at + 1) * 16 + hexDigit(path, at + 2)
    if (!Number.isNaN(octet)) {
      decoded += path.slice(from, at) + String.fromCharCode(octet)
      from = at + 3
    }
    at = path.indexOf('%', Number.isNaN(octet) ? at + 1 : from)
  }
  return decoded + path.slice(from)
}

/** NaN for anything else, also past the end. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : NaN
}
