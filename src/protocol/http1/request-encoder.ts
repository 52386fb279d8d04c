/** Heads of requests, for who is the client of an upstream. */
import { isToken } from '../../http/token.ts'
import { encodeHeaderLines } from './header-lines.ts'
import { Http1Error } from './http1-error.ts'

/**
 * The whole head up to and with the empty line, one Latin-1 code point for each octet. `headers` is flat. A target with
 * a blank or a control in it is refused: it would make another request line than was meant.
 */
export function encodeRequestHead(
  method: string,
  target: string,
  version: '1.0' | '1.1',
  headers: readonly string[],
): string {
  if (!isToken(method) || !isTarget(target)) throw new Http1Error('refused_header', `${method} ${target}`)
  return method + ' ' + target + ' HTTP/' + version + '\r\n' + encodeHeaderLines(headers) + '\r\n'
}

function isTarget(target: string): boolean {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i)
    if (code <= 32 || code === 127 || code > 255) return false
  }
  return target.length > 0
}
