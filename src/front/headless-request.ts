/** Requests of which no head could be read: something to log and to answer with an error. */
import { HeaderTable } from '../http/header-table.ts'
import { monotonicMs } from '../io/clock.ts'
import type { Http1Error } from '../protocol/http1/http1-error.ts'
import type { RequestHead } from '../protocol/http1/message.ts'
import type { RequestDecoder } from '../protocol/http1/request-decoder.ts'
import type { ClientConnection } from './client-connection.ts'
import { Request } from './request.ts'

/** Most of a refused request line that is logged. */
const MAX_LINE_BYTES = 2048

export function headlessRequest(
  connection: ClientConnection,
  requestLine: string,
  headLength: number,
): Request {
  const head: RequestHead = {
    method: refusedMethod(requestLine),
    target: '',
    version: 11,
    requestLine,
    headers: new HeaderTable(),
    framing: { kind: 'none' },
    host: '',
    hostPort: 0,
    keepAlive: false,
    expectContinue: false,
    headLength,
    ignored: [],
  }
  return new Request(connection, head, connection.baseServer, Date.now(), monotonicMs())
}

/**
 * RFC 9110 section 9.3.2: no answer to HEAD has content, nor one that refuses it, and nginx knows that by the time that
 * anything else is wrong. Of another method nothing depends.
 */
function refusedMethod(requestLine: string): string {
  return requestLine.startsWith('HEAD ') ? 'HEAD' : ''
}

/** Of a head that the codec refuses. */
export function refusedRequest(connection: ClientConnection, error: Http1Error): Request {
  const { buffered } = connection.decoder
  return headlessRequest(connection, refusedLine(error, connection.decoder), buffered)
}

/** What nginx shows as $request: the line as it came, also where it is none, and never that of an earlier request. */
function refusedLine(error: Http1Error, decoder: RequestDecoder): string {
  if (error.action !== 'reading client request line') return decoder.requestLine
  const bytes = decoder.takeRest().toString('latin1', 0, MAX_LINE_BYTES)
  return /^[^\r\n]*/.exec(bytes.trimStart())?.[0] ?? ''
}
