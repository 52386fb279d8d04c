/** One health check of one peer: a request, its response, and whether that is well. */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../../io/clock.ts'
import type { Connection, ConnectionOwner } from '../../../io/connection.ts'
import { dial, onceDialled } from '../../../io/dial.ts'
import type { Request } from '../../request.ts'
import { connectFailure } from '../connect-failure.ts'
import type { Exchange, ExchangeFault, ExchangeListener, UpstreamHead, UpstreamTarget } from '../exchange.ts'
import type { Peer } from '../peer.ts'
import type { PeerGroup } from '../peer-group.ts'
import { UpstreamTrail } from '../trail.ts'
import { UpstreamAttempt } from '../upstream-attempt.ts'
import type { UpstreamSettings } from '../upstream-settings.ts'
import { faultOf, MAX_CHECKED_BYTES, wantsBody, type ResponseTests } from './checked-response.ts'

export interface ProbeOptions {
  readonly target: UpstreamTarget
  readonly settings: UpstreamSettings
  /** Whose connections are used: not those of clients' requests. */
  readonly pool: PeerGroup
  readonly match: ResponseTests | undefined
  readonly tcp: boolean
  /** A request of nobody, for the path of the check. */
  readonly request: () => Request
}

export class HealthProbe extends UpstreamTrail implements ExchangeListener, Deadlined {
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly #peer: Peer
  readonly #options: ProbeOptions
  readonly #request: Request
  readonly #onResult: (fault: string | undefined) => void
  #exchange: Exchange | undefined
  #head: UpstreamHead | undefined
  #body: Buffer[] = []
  #bodyBytes = 0
  #over = false
  #retried = false

  /** `onResult` is told what was wrong, once; undefined for nothing. */
  constructor(peer: Peer, options: ProbeOptions, onResult: (fault: string | undefined) => void) {
    super()
    this.#peer = peer
    this.#options = options
    this.#onResult = onResult
    this.#request = options.request()
    this.#request.upstream = this
  }

  get peerText(): string {
    return `${this.#options.settings.scheme}://${this.#peer.text}`
  }

  get targetHost(): string {
    return this.#options.target.host
  }

  get targetPort(): string {
    return this.#options.target.port
  }

  start(): void {
    watchDeadline(this)
    this.deadlineMs = monotonicMs() + this.#options.settings.connectTimeoutMs
    if (this.#options.tcp) this.#connectOnly()
    else this.#begin()
  }

  #begin(): void {
    const { target, settings, pool } = this.#options
    this.attempts.push(new UpstreamAttempt(this.#peer.text))
    try {
      const dialling = settings.dialling(this.#request)
      const parts = { body: undefined, dialling, listener: this, pool }
      this.#exchange = target.begin(this.#request, this.#peer, parts)
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
  }

  #connectOnly(): void {
    const dialling = this.#options.settings.dialling(this.#request)
    const socket = dial(this.#peer.options.address, dialling)
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(connectFailure(error)))
    socket.on('close', () => this.#end('connecting'))
    onceDialled(socket, dialling, () => {
      this.#end(undefined)
      socket.destroy()
    })
    this.#exchange = {
      pause: nothing,
      resume: nothing,
      bytesSent: 0,
      bytesReceived: 0,
      abort: () => socket.destroy(),
    }
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.#over = true
    this.#exchange?.abort()
    unwatchDeadline(this)
  }

  #end(fault: string | undefined): void {
    if (this.#over) return
    this.#over = true
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    this.#onResult(fault)
  }

  #armRead(): void {
    if (!this.#over) this.deadlineMs = monotonicMs() + this.#options.settings.readTimeoutMs
  }

  onConnected(): void {
    this.#armRead()
  }

  onHead(head: UpstreamHead): void {
    this.#head = head
    this.responseHeaders = head.headers
    const attempt = this.attempts.at(-1)
    if (attempt) attempt.status = head.status
    if (head.status === 101) this.#judge()
  }

  onBody(chunk: Buffer): void {
    if (this.#over) return
    this.#armRead()
    this.#bodyBytes += chunk.length
    if (wantsBody(this.#options.match)) this.#body.push(chunk)
    if (this.#bodyBytes < MAX_CHECKED_BYTES) return
    this.#exchange?.abort()
    this.#judge()
  }

  onEnd(): void {
    this.#judge()
  }

  #judge(): void {
    if (!this.#head || this.#over) return
    const body = Buffer.concat(this.#body).toString('latin1', 0, MAX_CHECKED_BYTES)
    const fault = faultOf(this.#options.match, this.#head, body, this.#request)
    this.#end(fault === undefined ? undefined : `checking ${fault}`)
  }

  /** A kept connection that was closed meanwhile says nothing of the peer: once more. */
  onFault({ message, stale }: ExchangeFault): void {
    if (this.#over) return
    if (stale && !this.#retried) {
      this.#retried = true
      this.#begin()
    } else this.#end(message)
  }

  onDeadline(): void {
    this.#exchange?.abort()
    this.#end('the check timed out (110: Connection timed out)')
  }

  onUpgrade(connection: Connection): ConnectionOwner {
    connection.destroy()
    return { onData: nothing, onEnd: nothing, onDrain: nothing, onClose: nothing }
  }

  onSendProgress(): void {
    // there is no body
  }

  onEarlyHints(): void {
    // nobody waits for them
  }

  onReadComplete(): void {
    // nothing is held back
  }

  onStderr(): void {
    // the application's own log has it
  }

  onWarning(): void {
    // what is wrong with it comes as a fault
  }

  onClientGone(): void {
    // there is none
  }
}

function nothing(): void {}
