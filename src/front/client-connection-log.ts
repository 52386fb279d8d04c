/** What the logs say of a client's connection that ends before a request was read, or before one was answered. */
import type { Http1Error } from '../protocol/http1/http1-error.ts'
import { logRequest } from './access-log.ts'
import type { ClientConnection } from './client-connection.ts'
import { headlessRequest } from './headless-request.ts'
import { STATUS_CLIENT_CLOSED } from './outcome.ts'
import type { Request } from './request.ts'

/** A head began and did not end. */
export function logCutHead(connection: ClientConnection): void {
  const { errorLog } = connection.baseServer.settings
  const message = 'client prematurely closed connection while reading client request headers'
  errorLog.connection('info', connection, message)
}

/** No head in time: where it had begun (`headLength` bytes of it), that is a request, of status 408. */
export function logLateHead(connection: ClientConnection, headLength: number): void {
  const { errorLog } = connection.baseServer.settings
  errorLog.connection('info', connection, 'client timed out (110: Connection timed out)')
  if (headLength === 0) return
  const request = headlessRequest(connection, '', headLength)
  request.status = 408
  request.finished = true
  logRequest(request)
}

/** A head that the codec refuses. */
export function logRefused(request: Request, error: Http1Error): void {
  const { errorLog } = request.location.settings
  errorLog.request('info', request, `${error.message} while ${error.action}`)
}

/** A request whose client neither sends its body nor takes its answer. */
export function logLateRequest(request: Request): void {
  const { errorLog } = request.location.settings
  errorLog.request('info', request, 'client timed out (110: Connection timed out)')
  if (!request.headSent) request.status = 408
}

/** What is not the socket's: our own code threw. */
export function logBug(connection: ClientConnection, error: Error): void {
  const { errorLog } = connection.baseServer.settings
  errorLog.connection('alert', connection, `connection handler failed: ${error.stack ?? error.message}`)
}

/** That a client leaves is not worth a line; any other fault of its socket is. */
export function logSocketFault(request: Request, error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return
  const { errorLog } = request.location.settings
  errorLog.request('info', request, `connection failed (${error.message})`)
}

/** A request whose client left before its answer was complete: 499, unless a status was already sent. */
export function logUnanswered(request: Request): void {
  request.finished = true
  if (!request.headSent && request.status !== 408) request.status = STATUS_CLIENT_CLOSED
  logRequest(request)
}
