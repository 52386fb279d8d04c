/** Cookie pairs (RFC 6265 section 5.4), read in one pass; nothing is decoded. */

export interface CookiePair {
  readonly name: string
  readonly value: string
}

/** Pairs of one Cookie header in its order. A piece without `=` is a value without name, as browsers have it. */
export function parseCookies(header: string): CookiePair[] {
  const pairs: CookiePair[] = []
  let at = 0
  while (at < header.length) {
    const semicolon = header.indexOf(';', at)
    const end = semicolon < 0 ? header.length : semicolon
    const piece = header.slice(at, end)
    const equals = piece.indexOf('=')
    const name = equals < 0 ? '' : piece.slice(0, equals).trim()
    const value = piece.slice(equals + 1).trim()
    if (name !== '' || value !== '') pairs.push({ name, value })
    at = end + 1
  }
  return pairs
}

/** First cookie of that name, in any case, as nginx looks one up. */
export function cookieValue(header: string, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return parseCookies(header).find((pair) => pair.name.toLowerCase() === wanted)?.value
}
