const ALWAYS_SAFE = /[A-Za-z0-9_.~-]/
const encoder = new TextEncoder()

/** Python's `urllib.parse.quote`: percent-encodes the UTF-8 bytes of all but letters, digits, `_.-~` and `safe`. */
export function quote(text: string, safe = '/'): string {
  let quoted = ''
  for (const character of text) {
    if (
      character.length === 1 &&
      (ALWAYS_SAFE.test(character) || (safe.includes(character) && character < '\x80'))
    ) {
      quoted += character
    } else {
      for (const byte of encoder.encode(character))
        quoted += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    }
  }
  return quoted
}

/** Python's `urllib.parse.unquote`: bytes that are no UTF-8 become U+FFFD; a `%` without two digits stays. */
export function unquote(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/** Safe: what RFC 3986 reserves, and `%`, so that what is encoded already stays as it is. RFC 3987 section 3.1. */
export function iriToUri(iri: string): string {
  return quote(iri, "/#%[]=:;$&()+,!?*@'~")
}
