/**
 * The application server's side, outgoing. Text and buffers as in request-encoder.ts. After an end record the
 * request decoder has to be told (`finish`), since the front may use the id again.
 */
import { FastcgiError } from './fastcgi-error.ts'
import { pairsText } from './name-value.ts'
import {
  FCGI_END_REQUEST,
  FCGI_GET_VALUES_RESULT,
  FCGI_REQUEST_COMPLETE,
  FCGI_STDERR,
  FCGI_STDOUT,
  FCGI_UNKNOWN_TYPE,
  MAX_CONTENT,
  encodeStream,
  fourOctets,
  recordHeader,
  streamText,
} from './record.ts'

/** A response of up to this many body bytes is best sent as text in one piece. */
export const SMALL_BODY_BYTES = 16384

const COMPLETE = '\0\0\0\0' + String.fromCharCode(FCGI_REQUEST_COMPLETE) + '\0\0\0'

/**
 * A whole small response in one piece: head, body, end of stdout, end record. `head` is what gateway/cgi-head.ts
 * makes, Latin-1.
 *
 * @throws FastcgiError FCGI_WHOLE_TOO_LONG when head and body do not fit one record.
 */
export function responseText(id: number, head: string, body: Buffer): string {
  const length = head.length + body.length
  if (length > MAX_CONTENT) throw new FastcgiError('FCGI_WHOLE_TOO_LONG', length)
  return (
    (length === 0 ? '' : recordHeader(FCGI_STDOUT, id, length) + head + body.toString('latin1')) +
    recordHeader(FCGI_STDOUT, id, 0) +
    recordHeader(FCGI_END_REQUEST, id, 8) +
    COMPLETE
  )
}

export function encodeResponse(id: number, head: string, body: Buffer): Buffer {
  return Buffer.from(responseText(id, head, body), 'latin1')
}

/** Text of a response head, before body pieces by `encodeStdout`. */
export function stdoutText(id: number, text: string): string {
  return streamText(FCGI_STDOUT, id, text)
}

export function encodeStdout(id: number, chunk: Uint8Array): Buffer {
  return encodeStream(FCGI_STDOUT, id, chunk)
}

export function encodeStderr(id: number, chunk: Uint8Array): Buffer {
  return encodeStream(FCGI_STDERR, id, chunk)
}

/** End of stdout and the end record, after body pieces. */
export function endText(id: number): string {
  return recordHeader(FCGI_STDOUT, id, 0) + recordHeader(FCGI_END_REQUEST, id, 8) + COMPLETE
}

/** `appStatus` is the exit status of a CGI program, 32 bits; `protocolStatus` one of the FCGI_ constants. */
export function encodeEndRequest(id: number, appStatus: number, protocolStatus: number): Buffer {
  const body = fourOctets(appStatus) + String.fromCharCode(protocolStatus & 255) + '\0\0\0'
  return Buffer.from(recordHeader(FCGI_END_REQUEST, id, 8) + body, 'latin1')
}

/** What a front may ask of this process (section 4.1). */
export interface FastcgiCapacity {
  readonly maxConnections: number
  readonly maxRequests: number
}

/** The answer to `get values`: those of the asked names that are known, the others are left out (section 4.1). */
export function encodeGetValuesResult(names: readonly string[], capacity: FastcgiCapacity): Buffer {
  const pairs: string[] = []
  if (names.includes('FCGI_MAX_CONNS')) pairs.push('FCGI_MAX_CONNS', String(capacity.maxConnections))
  if (names.includes('FCGI_MAX_REQS')) pairs.push('FCGI_MAX_REQS', String(capacity.maxRequests))
  if (names.includes('FCGI_MPXS_CONNS')) pairs.push('FCGI_MPXS_CONNS', '1')
  const text = pairsText(pairs)
  return Buffer.from(recordHeader(FCGI_GET_VALUES_RESULT, 0, text.length) + text, 'latin1')
}

/** The answer to a management record of a type that nobody knows (section 4.2). */
export function encodeUnknownType(type: number): Buffer {
  return Buffer.from(
    recordHeader(FCGI_UNKNOWN_TYPE, 0, 8) + String.fromCharCode(type & 255) + '\0\0\0\0\0\0\0',
    'latin1',
  )
}
