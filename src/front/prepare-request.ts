/** From a head to a request that can run its phases: server by host, canonical path. */
import { normalizeTarget } from '../http/target.ts'
import { finishWithStatus, runPhases } from './phases.ts'
import type { Request } from './request.ts'
import { misdirected, tlsRefusal } from './tls/check-client.ts'

/** Runs the phases, or finishes with 400 where host or path are no such thing. */
export function prepareRequest(request: Request): void {
  const wrongServer = chooseServer(request)
  if (wrongServer !== 0) {
    finishWithStatus(request, wrongServer)
    return
  }
  // TRACE would echo credentials, CONNECT would dial: neither reaches a handler, as in nginx.
  if (request.method === 'TRACE' || request.method === 'CONNECT') {
    request.keepAlive = false
    finishWithStatus(request, 405)
    return
  }
  if (!setPath(request)) return
  const refusal = request.connection.point.ssl ? tlsRefusal(request) : 0
  if (refusal !== 0) {
    finishWithStatus(request, refusal)
    return
  }
  if (request.connection.server.draining) request.keepAlive = false
  runPhases(request)
}

/** Status to refuse with where the host is of a server that the connection was not made for; 0 otherwise. */
function chooseServer(request: Request): number {
  const { host } = request.head
  const { tls, point } = request.connection
  request.host = host
  const match = point.names.find(host)
  if (tls) {
    const status = misdirected(request, match)
    if (status !== 0) {
      const message = 'client attempted to request the server name different from the one that was negotiated'
      request.location.settings.errorLog.request('info', request, message)
      return status
    }
  }
  const { server, captures, assign } = match
  request.server = server
  request.location = server.outer
  request.serverCaptures = captures
  if (captures) {
    request.captures = captures
    assign?.(request, captures)
  }
  return 0
}

function setPath(request: Request): boolean {
  const target = normalizeTarget(request.head.target, { mergeSlashes: request.server.mergeSlashes })
  if (!target || target.path === '*') return refuse(request, 'client sent invalid request target')
  request.uri = target.path
  request.rawUri = target.rawPath
  request.args = target.args
  request.clientUri = target.path
  request.clientArgs = target.args
  return true
}

function refuse(request: Request, message: string): false {
  request.keepAlive = false
  request.location.settings.errorLog.request('info', request, message)
  finishWithStatus(request, 400)
  return false
}
