/** Percent-encoding (RFC 3986 section 2.1) and the Latin-1 strings of an environ (PEP 3333, "Unicode Issues"). */

/** True while every code point is below 128: then the bytes and the text are the same. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 127) return false
  }
  return true
}

/** The text behind an environ's string: its code points are bytes, and those are UTF-8. Wrong bytes become U+FFFD. */
export function textOf(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** As `textOf`, but bytes that are no UTF-8 come out percent-encoded, so that two paths never become one. */
export function pathTextOf(latin1: string): string {
  if (isAscii(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  try {
    return utf8.decode(bytes)
  } catch {
    return repercent(bytes)
  }
}

function repercent(bytes: Buffer): string {
  let out = ''
  let rest = bytes
  while (rest.length > 0) {
    const good = validPrefix(rest)
    out += rest.toString('utf8', 0, good)
    if (good === rest.length) break
    out += `%${(rest[good] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`
    rest = rest.subarray(good + 1)
  }
  return out
}

/** How many bytes from the start are whole UTF-8 sequences. */
function validPrefix(bytes: Buffer): number {
  let index = 0
  while (index < bytes.length) {
    const length = sequenceLength(bytes[index] ?? 0)
    if (length === 0 || !decodes(bytes.subarray(index, index + length))) return index
    index += length
  }
  return index
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}

function decodes(bytes: Buffer): boolean {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** A name or value of `application/x-www-form-urlencoded`: `+` is a space, wrong UTF-8 becomes U+FFFD. */
export function formDecode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return lenientDecode(spaced)
  }
}

function lenientDecode(text: string): string {
  const source = Buffer.from(text, 'utf8')
  const out = Buffer.allocUnsafe(source.length)
  let length = 0
  for (let index = 0; index < source.length; index += 1, length += 1) {
    const high = source[index] === 0x25 ? hexDigit(source[index + 1]) : -1
    const low = high < 0 ? -1 : hexDigit(source[index + 2])
    if (low < 0) {
      out[length] = source[index] ?? 0
    } else {
      out[length] = high * 16 + low
      index += 2
    }
  }
  return out.toString('utf8', 0, length)
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const unsafeInPath = /[^A-Za-z0-9/:;@&=+$,\-_.!~*'()]/g
const unsafeInIri = /[^A-Za-z0-9/#%[\]=:;$&()+,!?*@'~\-_.]/g

function percentEncode(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** Encodes all runs that match, surrogate pairs as one. */
function encodeMatching(text: string, unsafe: RegExp): string {
  if (text.search(unsafe) < 0) return text
  let out = ''
  for (const character of text) {
    out += character.search(unsafe) < 0 ? character : percentEncode(character)
  }
  return out
}

/** A decoded path made fit for a URL: `%` and `?` and everything outside ASCII are encoded. */
export function escapeUriPath(path: string): string {
  return encodeMatching(path, unsafeInPath)
}

/** An IRI made a URI (RFC 3987 section 3.1): what is encoded already stays as it is. */
export function iriToUri(iri: string): string {
  return encodeMatching(iri, unsafeInIri)
}

/** As Python's `urllib.parse.quote` does it, `safe` added to the unreserved characters. */
export function quote(text: string, safe = '/'): string {
  let out = ''
  for (const character of text) {
    out +=
      /[A-Za-z0-9_.\-~]/.test(character) || safe.includes(character) ? character : percentEncode(character)
  }
  return out
}

/** One name or value of a query string, with `+` for spaces. */
export function formEncode(text: string): string {
  return quote(text, ' ').replaceAll(' ', '+')
}
