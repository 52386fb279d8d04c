/**
 * The front's side. The packet is made as Latin-1 text, one character for each octet, because a socket writes text
 * as fast as a buffer and the pieces join without a copy.
 */
import { MAX_BLOCK, MODIFIER_WSGI, sizeText } from './packet.ts'
import { UwsgiError } from './uwsgi-error.ts'

/**
 * A request packet; the body goes behind it as it is. `vars` is a flat list of names and values, Latin-1.
 *
 * @throws UwsgiError UWSGI_REQUEST_TOO_LARGE past 65535 bytes of vars, UWSGI_NAME_EMPTY.
 */
export function requestText(vars: readonly string[], modifier1 = MODIFIER_WSGI, modifier2 = 0): string {
  let block = ''
  for (let i = 0; i + 1 < vars.length; i += 2) {
    const name = vars[i] ?? ''
    const value = vars[i + 1] ?? ''
    if (name.length === 0) throw new UwsgiError('UWSGI_NAME_EMPTY')
    // A size that is too large is written cut here; the block's length tells of it below.
    block = block + sizeText(name.length) + name + sizeText(value.length) + value
  }
  if (block.length > MAX_BLOCK) throw new UwsgiError('UWSGI_REQUEST_TOO_LARGE', block.length)
  return String.fromCharCode(modifier1) + sizeText(block.length) + String.fromCharCode(modifier2) + block
}

export function encodeRequest(vars: readonly string[], modifier1 = MODIFIER_WSGI, modifier2 = 0): Buffer {
  return Buffer.from(requestText(vars, modifier1, modifier2), 'latin1')
}
