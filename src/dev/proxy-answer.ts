/**
 * `proxy_pass` by http-proxy. What is sent, and where, is what the conf makes of it; the answer goes through the front
 * again, for `proxy_redirect`, `proxy_hide_header`, `error_page` and the filters. Web sockets go straight through.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { createProxyServer, type ProxyServer, type ServerOptions } from 'http-proxy'
import { DONE, type Outcome } from '../front/outcome.ts'
import { finishWithStatus } from '../front/phases.ts'
import type { Request } from '../front/request.ts'
import type { PhaseHandler } from '../front/server-config.ts'
import { HttpTarget, type OutgoingHttp } from '../front/upstream/http-target.ts'
import type { Peer } from '../front/upstream/peer.ts'
import type { UpstreamSettings } from '../front/upstream/upstream-settings.ts'
import { ProxiedRequest } from './proxied-request.ts'
import { relayAnswer } from './relay-answer.ts'
import { ResponseTransport } from './response-transport.ts'
import { UpgradeTransport } from './upgrade-transport.ts'

const NO_PEERS: readonly Peer[] = []

export class ProxyAnswer {
  readonly #proxy: ProxyServer = createProxyServer({ selfHandleResponse: true, secure: false })
  readonly #proxied = new WeakMap<IncomingMessage, ProxiedRequest>()

  constructor() {
    const name = (proxyRequest: ClientRequest, message: IncomingMessage): void => {
      const proxied = this.#proxied.get(message)
      // http-proxy would take the path apart
      if (proxied) proxyRequest.path = proxied.path
    }
    this.#proxy.on('proxyReq', name)
    this.#proxy.on('proxyReqWs', name)
    this.#proxy.on('proxyRes', (answer, message) => {
      const proxied = this.#proxied.get(message)
      if (!proxied || proxied.request.finished) answer.resume()
      else relayAnswer(proxied, answer)
    })
    this.#proxy.on('econnreset', () => undefined) // the client is gone
  }

  /** `front` is the engine's own handler: it has what http-proxy has not. */
  handler(front: PhaseHandler, settings: UpstreamSettings): PhaseHandler {
    return (request) => {
      const target = request.parent ? undefined : settings.target(request)
      if (!(target instanceof HttpTarget) || settings.store) return takenByFront(request, front)
      const resolved = target.group.resolved()
      if (!resolved) return this.#send(request, front, settings, target)
      return resolved.then(
        () => this.#send(request, front, settings, target),
        () => takenByFront(request, front),
      )
    }
  }

  #send(
    request: Request,
    front: PhaseHandler,
    settings: UpstreamSettings,
    target: HttpTarget,
  ): Outcome | Promise<Outcome> {
    const transport = request.connection.io
    const peer = target.group.pick(NO_PEERS, request)
    if (!peer) return takenByFront(request, front)
    const before = request.upstream
    const proxied = new ProxiedRequest(request, settings, target)
    const outgoing = target.outgoing(request) // its fields may ask about the target
    proxied.path = outgoing.target
    const options = { ...this.#options(peer, outgoing), proxyTimeout: settings.readTimeoutMs }
    const tunnels = transport instanceof UpgradeTransport && outgoing.made.upgrade
    if (tunnels && isWebSocket(transport.message)) {
      proxied.begin(peer)
      this.#tunnel(proxied, transport, fieldsOf(outgoing.made.head), options)
      return DONE
    }
    if (!(transport instanceof ResponseTransport)) {
      request.upstream = before
      return takenByFront(request, front)
    }
    const { message, response } = transport
    this.#proxied.set(message, proxied)
    proxied.begin(peer)
    if (message.headers.expect !== undefined && request.head.version === 11) response.writeContinue()
    message.headers = { ...fieldsOf(outgoing.made.head), ...framingOf(request, outgoing) }
    const startMs = performance.now()
    this.#proxy.web(message, response, options, (error: NodeJS.ErrnoException) => {
      const isLate = error.code === 'ECONNRESET' && performance.now() - startMs >= settings.readTimeoutMs
      fail(proxied, error, isLate || error.code === 'ETIMEDOUT' ? 504 : 502)
    })
    return DONE
  }

  #options({ options: { address } }: Peer, { made, tls }: OutgoingHttp): ServerOptions {
    const protocol = tls ? 'https:' : 'http:'
    const place =
      address.kind === 'unix'
        ? { host: 'localhost', port: 0, socketPath: address.path }
        : { host: address.host, port: address.port }
    return {
      target: { ...place, protocol },
      method: made.method,
      ...(made.body?.memory && { buffer: Readable.from(made.body.memory) }),
    }
  }

  #tunnel(
    proxied: ProxiedRequest,
    transport: UpgradeTransport,
    fields: Record<string, string | string[]>,
    options: ServerOptions,
  ): void {
    const { message, socket, rest } = transport
    const { request } = proxied
    this.#proxied.set(message, proxied)
    message.headers = fields
    request.status = 101
    request.headSent = true
    transport.release()
    this.#proxy.ws(message, socket, rest, { ...options, proxyTimeout: 0 }, (error: Error) => {
      if (!socket.writableEnded) socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n')
      request.status = 502
      proxied.answered(502)
      log(request, error.message)
    })
  }
}

/** The engine reads the body itself. */
function takenByFront(request: Request, front: PhaseHandler): Outcome | Promise<Outcome> {
  takeWhole(request)
  return front(request)
}

/** Lets the front read what the client sends behind the head. */
export function takeWhole({ connection: { io } }: Request): void {
  if (io instanceof ResponseTransport) io.takeBody()
  else if (io instanceof UpgradeTransport) io.take()
}

/** http-proxy knows no other protocol to change to. */
function isWebSocket({ headers, method }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

function fail(proxied: ProxiedRequest, error: Error, status: number): void {
  const { request } = proxied
  if (request.finished) return
  log(request, `${error.message} while asking upstream`)
  if (request.headSent) {
    request.connection.abort()
    return
  }
  proxied.answered(status)
  request.resetResponse()
  finishWithStatus(request, status)
}

function log(request: Request, message: string): void {
  request.location.settings.errorLog.request('error', request, message)
}

/** Fields of an encoded head by lower-case name, as node:http wants them. */
function fieldsOf(head: string): Record<string, string | string[]> {
  const fields = Object.create(null) as Record<string, string | string[]>
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = fields[name]
    fields[name] = before === undefined ? value : [before, value].flat()
  }
  return fields
}

/** Of the client's body, which node has framed and http-proxy frames again. */
function framingOf({ head: { framing } }: Request, { made }: OutgoingHttp): Record<string, string> {
  if (made.body) return {}
  if (framing.kind === 'length') return { 'content-length': String(framing.length) }
  return framing.kind === 'chunked' ? { 'transfer-encoding': 'chunked' } : {}
}
