/**
 * The uwsgi packet: modifier 1, size of the vars block (16 bits, the lower octet first), modifier 2, the block.
 * Each var is size and name, size and value, sizes as above. The request body follows the packet without framing:
 * CONTENT_LENGTH counts it. The answer is not a packet: it is a response head and a body, ended by the connection.
 */

export const HEADER_BYTES = 4
/** The size field has 16 bits. */
export const MAX_BLOCK = 65535

/** Modifier 1 of a WSGI request, nginx's default. */
export const MODIFIER_WSGI = 0

/** Two octets of the small sizes. */
const SMALL = Array.from({ length: 256 }, (_, size) => String.fromCharCode(size, 0))

/** A 16-bit size, the lower octet first, as Latin-1 text. */
export function sizeText(size: number): string {
  return SMALL[size] ?? String.fromCharCode(size & 255, size >> 8)
}
