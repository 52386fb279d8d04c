/** A request that http-proxy sends: where it goes, and what the conf's variables may ask about that. */
import type { HeaderTable } from '../http/header-table.ts'
import type { Request } from '../front/request.ts'
import type { HttpTarget } from '../front/upstream/http-target.ts'
import type { Peer } from '../front/upstream/peer.ts'
import { UpstreamTrail } from '../front/upstream/trail.ts'
import { UpstreamAttempt } from '../front/upstream/upstream-attempt.ts'
import type { UpstreamSettings } from '../front/upstream/upstream-settings.ts'

export class ProxiedRequest extends UpstreamTrail {
  readonly request: Request
  readonly settings: UpstreamSettings
  readonly target: HttpTarget
  /** The request target as it is sent. */
  path = ''
  #peer: Peer | undefined
  #attempt: UpstreamAttempt | undefined

  constructor(request: Request, settings: UpstreamSettings, target: HttpTarget) {
    super()
    this.request = request
    this.settings = settings
    this.target = target
    this.before = request.upstream
    request.upstream = this
  }

  get peerText(): string | undefined {
    return this.#peer ? `${this.settings.scheme}://${this.#peer.text}` : undefined
  }

  get targetHost(): string {
    return this.target.host
  }

  get targetPort(): string {
    return this.target.port
  }

  begin(peer: Peer): void {
    this.#peer = peer
    this.#attempt = new UpstreamAttempt(peer.text)
    this.attempts.push(this.#attempt)
    peer.began()
    this.request.onceOver(() => this.#end())
  }

  /** Its head is here, or a status takes its place. */
  answered(status: number, headers?: HeaderTable): void {
    this.responseHeaders = headers
    this.#attempt?.answered(status)
  }

  #end(): void {
    if (this.#attempt) this.#peer?.ended(this.#attempt.ended(undefined))
  }

  /** http-proxy hears of it itself. */
  onClientGone(): void {
    if (!this.request.connection.closed) this.request.connection.abort()
  }
}
