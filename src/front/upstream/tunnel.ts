/**
 * Bytes both ways after 101 (RFC 9110 section 7.8), with the back-pressure of each side. The end of the client's side
 * goes on to the upstream, which may still answer; the end of the upstream's ends the tunnel once the client has all.
 *
 * Time-outs as nginx has them: any byte of either direction winds the reading time-out up; a side that takes nothing
 * has its own sending time-out.
 */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'
import type { ConnectionOwner } from '../../io/connection.ts'
import type { Transport } from '../../io/transport.ts'
import type { Request } from '../request.ts'
import { switchProtocols } from '../response.ts'

export interface TunnelOptions {
  readonly readTimeoutMs: number
  /** Of the upstream; the client's is `send_timeout`. */
  readonly sendTimeoutMs: number
  readonly onTimeout: (side: 'client' | 'upstream') => void
  /** Called once, with the bytes that came from the upstream. */
  readonly onOver: (bytes: number) => void
}

/** Sends the head of the 101 and joins the two connections. Answers who hears the upstream. */
export function openTunnel(
  request: Request,
  upstream: Transport,
  rest: Buffer,
  options: TunnelOptions,
): ConnectionOwner {
  return new Tunnel(request, upstream, options).open(rest)
}

class Tunnel implements Deadlined {
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly #request: Request
  readonly #upstream: Transport
  readonly #client: Transport
  readonly #options: TunnelOptions
  #idleUntilMs = Infinity
  #clientUntilMs = Infinity
  #upstreamUntilMs = Infinity
  #fromUpstream = 0
  #upstreamEnded = false
  #over = false

  constructor(request: Request, upstream: Transport, options: TunnelOptions) {
    this.#request = request
    this.#upstream = upstream
    this.#client = request.connection.io
    this.#options = options
  }

  open(rest: Buffer): ConnectionOwner {
    switchProtocols(this.#request)
    watchDeadline(this)
    const early = this.#request.connection.takeOver({
      onData: (bytes) => this.#toUpstream(bytes),
      onEnd: () => this.#upstream.end(),
      onDrain: () => this.#clientDrained(),
      onClose: () => this.#close(),
    })
    this.#touch()
    if (rest.length > 0) this.#toClient(rest)
    if (early.length > 0) this.#toUpstream(early)
    return {
      onData: (bytes) => this.#toClient(bytes),
      onEnd: () => this.#upstreamOver(),
      onDrain: () => this.#upstreamDrained(),
      onClose: () => this.#upstreamOver(),
    }
  }

  #toUpstream(bytes: Buffer): void {
    if (this.#over) return
    this.#touch()
    // the socket may keep them until the upstream takes more
    const kept = this.#client.lendsBytes ? Buffer.from(bytes) : bytes
    if (this.#upstream.write(kept) || this.#upstream.pendingBytes === 0) return
    this.#client.pause()
    this.#upstreamUntilMs = monotonicMs() + this.#options.sendTimeoutMs
    this.#arm()
  }

  #upstreamDrained(): void {
    this.#upstreamUntilMs = Infinity
    this.#touch()
    this.#client.resume()
  }

  #toClient(bytes: Buffer): void {
    if (this.#over) return
    this.#fromUpstream += bytes.length
    this.#request.bodyBytesSent += bytes.length
    this.#touch()
    const kept = this.#upstream.lendsBytes ? Buffer.from(bytes) : bytes
    if (this.#client.write(kept) || this.#client.pendingBytes === 0) return
    this.#upstream.pause()
    this.#clientUntilMs = monotonicMs() + this.#request.location.settings.sendTimeoutMs
    this.#arm()
  }

  #clientDrained(): void {
    this.#clientUntilMs = Infinity
    if (this.#upstreamEnded) {
      this.#close()
      return
    }
    this.#touch()
    this.#upstream.resume()
  }

  /** What it sent before its end still goes to the client. */
  #upstreamOver(): void {
    if (this.#upstreamEnded) return
    this.#upstreamEnded = true
    if (this.#client.pendingBytes === 0) this.#close()
  }

  #touch(): void {
    this.#idleUntilMs = monotonicMs() + this.#options.readTimeoutMs
    this.#arm()
  }

  #arm(): void {
    this.deadlineMs = Math.min(this.#idleUntilMs, this.#clientUntilMs, this.#upstreamUntilMs)
  }

  onDeadline(): void {
    this.#options.onTimeout(monotonicMs() >= this.#clientUntilMs ? 'client' : 'upstream')
    this.#close()
  }

  #close(): void {
    if (this.#over) return
    this.#over = true
    unwatchDeadline(this)
    this.#options.onOver(this.#fromUpstream)
    this.#upstream.destroySoon()
    this.#request.connection.endTunnel()
  }
}
