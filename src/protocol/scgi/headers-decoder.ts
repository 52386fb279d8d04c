/** Takes the content of the netstring apart: whole or not at all, so there is no partial environ. */
import { parseContentLength } from '../../http/content-length.ts'
import { ScgiError } from './scgi-error.ts'

export interface ScgiHeaders {
  /** Flat list of names and values. */
  readonly vars: string[]
  readonly bodyLength: number
}

const LENGTH_NAME = 'CONTENT_LENGTH'

/**
 * @throws ScgiError SCGI_HEADERS_..., SCGI_CONTENT_LENGTH, SCGI_VERSION.
 *
 * The specification forbids all duplicates. Those of other names are let through: nginx before 1.23 sends a repeated
 * field of the client as it came, and a conf that includes `scgi_params` may set one of its names again.
 */
export function decodeHeaders(text: string, maxCount: number): ScgiHeaders {
  const vars = text.split('\0')
  // Behind the last NUL there is nothing; without one the last value has no end.
  if (vars.pop() !== '' || vars.length % 2 !== 0) throw new ScgiError('SCGI_HEADERS_INVALID')
  if (vars.length > 2 * maxCount) throw new ScgiError('SCGI_HEADERS_TOO_MANY', vars.length / 2)
  if (vars[0] !== LENGTH_NAME) throw new ScgiError('SCGI_CONTENT_LENGTH')
  const bodyLength = parseContentLength(vars[1] ?? '')
  if (bodyLength === undefined) throw new ScgiError('SCGI_CONTENT_LENGTH')
  let versions = 0
  for (let i = 0; i < vars.length; i += 2) {
    const name = vars[i]
    if (name === '') throw new ScgiError('SCGI_HEADERS_INVALID')
    if (name === LENGTH_NAME && i > 0) throw new ScgiError('SCGI_CONTENT_LENGTH')
    if (name !== 'SCGI') continue
    if (vars[i + 1] !== '1') throw new ScgiError('SCGI_VERSION')
    versions += 1
  }
  if (versions !== 1) throw new ScgiError('SCGI_VERSION')
  return { vars, bodyLength }
}
