/** From a head to a request that can run its phases: server by host, canonical path. */
import { normalizeTarget } from '../http/target.ts'
import { finishWithStatus, runPhases } from './phases.ts'
import type { Request } from './request.ts'

/** Runs the phases, or finishes with 400 where host or path are no such thing. */
export function prepareRequest(request: Request): void {
  chooseServer(request)
  // TRACE would echo credentials, CONNECT would dial: neither reaches a handler, as in nginx.
  if (request.method === 'TRACE' || request.method === 'CONNECT') {
    request.keepAlive = false
    finishWithStatus(request, 405)
    return
  }
  if (!setPath(request)) return
  if (!mayKeepAlive(request)) request.keepAlive = false
  runPhases(request)
}

function chooseServer(request: Request): void {
  const { host } = request.head
  const { server, captures, assign } = request.connection.point.names.find(host)
  request.host = host
  request.server = server
  request.location = server.outer
  request.serverCaptures = captures
  if (captures) {
    request.captures = captures
    assign?.(request, captures)
  }
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

function mayKeepAlive(request: Request): boolean {
  const { connection } = request
  const { keepaliveRequests, keepaliveTimeMs } = request.server.settings
  return (
    connection.requestCount < keepaliveRequests &&
    connection.ageMs < keepaliveTimeMs &&
    !connection.server.draining
  )
}
