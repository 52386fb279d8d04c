/**
 * The front's side. A request is a netstring of headers, each a name, NUL, a value, NUL; the body follows without
 * framing. CONTENT_LENGTH stands first and always, `SCGI` with the value 1 follows it.
 *
 * The head is made as Latin-1 text, one character for each octet, because a socket writes text as fast as a buffer.
 */
import { ScgiError } from './scgi-error.ts'

/**
 * A request head; the body goes behind it as it is. `params` is a flat list of names and values, Latin-1. Those named
 * CONTENT_LENGTH and SCGI give way to the protocol's own; the last one says the length where `bodyLength` is missing.
 *
 * @throws ScgiError SCGI_NUL, SCGI_NAME_EMPTY.
 */
export function requestText(params: readonly string[], bodyLength?: number): string {
  let length = String(bodyLength ?? 0)
  let rest = ''
  for (let i = 0; i + 1 < params.length; i += 2) {
    const name = params[i] ?? ''
    const value = params[i + 1] ?? ''
    if (name === '') throw new ScgiError('SCGI_NAME_EMPTY')
    if (name.includes('\0') || value.includes('\0')) throw new ScgiError('SCGI_NUL')
    if (name === 'CONTENT_LENGTH') length = bodyLength === undefined && value !== '' ? value : length
    else if (name !== 'SCGI') rest = rest + name + '\0' + value + '\0'
  }
  const headers = `CONTENT_LENGTH\0${length}\0SCGI\x001\0${rest}`
  return `${headers.length}:${headers},`
}

export function encodeRequest(params: readonly string[]): Buffer {
  return Buffer.from(requestText(params), 'latin1')
}
