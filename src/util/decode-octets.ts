/**
 * Text from octets (Latin-1 code points) that are UTF-8, with U+FFFD for what is none. Only text with bytes above
 * ASCII has to be converted.
 */
export function decodeOctets(octets: string): string {
  for (let index = 0; index < octets.length; index += 1) {
    if (octets.charCodeAt(index) > 0x7f) return Buffer.from(octets, 'latin1').toString('utf8')
  }
  return octets
}
