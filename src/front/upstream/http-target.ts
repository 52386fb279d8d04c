/** A request to an HTTP upstream. */
import { escapeUri } from '../../http/escape-uri.ts'
import type { Request } from '../request.ts'
import type { AttemptParts, Exchange, UpstreamTarget } from './exchange.ts'
import type { HttpRequest } from './http-channel.ts'
import { beginHttp } from './http-client.ts'
import type { OutgoingRequest } from './outgoing-request.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'
import { withTls, type UpstreamTls } from './upstream-tls.ts'

export interface HttpTargetOptions {
  readonly group: PeerGroup
  readonly host: string
  readonly port: string
  readonly outgoing: OutgoingRequest
  readonly maxHeadBytes: number
  /** The request target as it is sent. */
  readonly uri: (request: Request) => string
  /** Undefined for `http://`. */
  readonly tls?: UpstreamTls | undefined
}

/** A request as it would be sent, for who sends it by other means (`portico dev`). */
export interface OutgoingHttp {
  readonly target: string
  /** Its body is the one that the conf sets; the client's is not in it. */
  readonly made: HttpRequest
  readonly tls: boolean
}

export class HttpTarget implements UpstreamTarget {
  readonly group: PeerGroup
  readonly host: string
  readonly port: string
  readonly #options: HttpTargetOptions

  constructor(options: HttpTargetOptions) {
    this.group = options.group
    this.host = options.host
    this.port = options.port
    this.#options = options
  }

  /** As a chunked body, which HTTP/1.0 does not know. */
  get takesUnknownLength(): boolean {
    return this.#options.outgoing.version === '1.1'
  }

  /** @throws Http1Error `refused_header` */
  outgoing(request: Request): OutgoingHttp {
    const { outgoing, uri, tls } = this.#options
    const target = uri(request)
    return { target, made: outgoing.make(request, target, undefined), tls: tls !== undefined }
  }

  begin(request: Request, peer: Peer, attempt: AttemptParts): Exchange {
    const { group, outgoing, uri, maxHeadBytes, tls, host } = this.#options
    const made = outgoing.make(request, uri(request), attempt.body)
    return beginHttp(attempt.pool ?? group, peer, made, withTls(attempt, tls, request, host), maxHeadBytes)
  }
}

/** As the client sent it where nothing changed it, else made anew from path and arguments. */
export function requestUri(request: Request): string {
  if (request.uri === request.clientUri && request.args === request.clientArgs) return request.rawUri
  return escapeUri(request.uri, 'uri') + queryOf(request)
}

/** With `uri` in place of the location's prefix. */
export function replacedUri(request: Request, uri: string, prefix: string): string {
  if (request.pathReplaced) return escapeUri(request.uri, 'uri') + queryOf(request)
  return uri + escapeUri(request.uri.slice(prefix.length), 'uri') + queryOf(request)
}

function queryOf({ args }: Request): string {
  return args === '' ? '' : `?${args}`
}
