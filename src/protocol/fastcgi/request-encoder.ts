/**
 * The front's side, outgoing. Each message exists as Latin-1 text (`...Text`, the fast one: see record.ts) and as a
 * buffer. Request ids are 1 to 65535, chosen by the front and not used again before the end record has come.
 */
import { pairsText } from './name-value.ts'
import {
  FCGI_ABORT_REQUEST,
  FCGI_BEGIN_REQUEST,
  FCGI_FLOW,
  FCGI_GET_VALUES,
  FCGI_PARAMS,
  FCGI_STDIN,
  FLOW_BYTES,
  MAX_CONTENT,
  encodeStream,
  recordHeader,
  streamText,
  twoOctets,
} from './record.ts'

/** Flags and reserved octets of a begin record; FCGI_KEEP_CONN is 1. */
const CLOSE_AFTER = '\0\0\0\0\0\0'
const KEEP_CONNECTION = '\x01\0\0\0\0\0'

/**
 * Begin record, params, end of params. `params` is a flat list of names and values, Latin-1; without
 * `keepConnection` the application closes the connection after its answer.
 */
export function requestText(
  id: number,
  role: number,
  keepConnection: boolean,
  params: readonly string[],
): string {
  return (
    recordHeader(FCGI_BEGIN_REQUEST, id, 8) +
    twoOctets(role) +
    (keepConnection ? KEEP_CONNECTION : CLOSE_AFTER) +
    paramsText(id, params) +
    recordHeader(FCGI_PARAMS, id, 0)
  )
}

/**
 * Params are one stream and may be cut anywhere, but PHP and uWSGI read record by record: nothing that fits one
 * record is cut.
 */
function paramsText(id: number, params: readonly string[]): string {
  const pairs = pairsText(params)
  if (pairs.length <= MAX_CONTENT) return streamText(FCGI_PARAMS, id, pairs)
  let records = ''
  let content = ''
  for (let i = 0; i + 1 < params.length; i += 2) {
    const pair = pairsText(params.slice(i, i + 2))
    if (content.length + pair.length > MAX_CONTENT) {
      records += streamText(FCGI_PARAMS, id, content)
      content = ''
    }
    content += pair
  }
  return records + streamText(FCGI_PARAMS, id, content)
}

export function encodeRequest(
  id: number,
  role: number,
  keepConnection: boolean,
  params: readonly string[],
): Buffer {
  return Buffer.from(requestText(id, role, keepConnection, params), 'latin1')
}

/** A piece of the request body. */
export function encodeStdin(id: number, chunk: Uint8Array): Buffer {
  return encodeStream(FCGI_STDIN, id, chunk)
}

/** The body is whole; a request without one needs this too. */
export function stdinEndText(id: number): string {
  return recordHeader(FCGI_STDIN, id, 0)
}

export function encodeStdinEnd(id: number): Buffer {
  return Buffer.from(stdinEndText(id), 'latin1')
}

/** The client went away. The application still answers with an end record, and the id is in use until then. */
export function encodeAbort(id: number): Buffer {
  return Buffer.from(recordHeader(FCGI_ABORT_REQUEST, id, 0), 'latin1')
}

/** Asks for FCGI_MAX_CONNS, FCGI_MAX_REQS, FCGI_MPXS_CONNS (section 4.1). */
export function encodeGetValues(names: readonly string[]): Buffer {
  const text = pairsText(names.flatMap((name) => [name, '']))
  return Buffer.from(recordHeader(FCGI_GET_VALUES, 0, text.length) + text, 'latin1')
}

/** Only for applications of our own (see FCGI_FLOW). */
export function flowText(id: number, paused: boolean): string {
  const header = String.fromCharCode(1, FCGI_FLOW) + '\0\0' + twoOctets(FLOW_BYTES) + '\0\0'
  return header + twoOctets(id) + (paused ? '\x01' : '\0')
}
