/**
 * The end of a connection: what is left to send goes first, then our FIN, then the wait for the client's, during which
 * its bytes are read away so that no RST cuts the answer (RFC 9112 section 9.6; nginx's `lingering_*`).
 */
import { monotonicMs, type Deadlined } from '../io/clock.ts'
import type { Transport } from '../io/transport.ts'
import { SendProgress } from './send-progress.ts'
import type { LocationSettings } from './server-config.ts'

/** After an answer that closes: bytes that were on their way already show within this time. */
const CLOSE_GRACE_MS = 100

export class ConnectionEnding {
  readonly #owner: Deadlined
  readonly #io: Transport
  readonly #progress: SendProgress
  #untilMs = 0
  /** How long to wait for more bytes. */
  #idleMs = 0
  #sending = false

  /** The owner's deadline is ours from `linger` or `close` on. */
  constructor(owner: Deadlined, io: Transport) {
    this.#owner = owner
    this.#io = io
    this.#progress = new SendProgress(io)
  }

  /**
   * Sends our FIN and reads on. `unread` tells that the client was sending what nobody took, so that more of it is to be
   * expected; of another only what is on its way already (`lingering_close`).
   */
  linger(settings: LocationSettings, unread: boolean): void {
    const { lingeringClose, lingeringTimeMs, lingeringTimeoutMs, sendTimeoutMs } = settings
    this.#untilMs = monotonicMs() + lingeringTimeMs
    this.#idleMs = unread || lingeringClose === 'always' ? lingeringTimeoutMs : CLOSE_GRACE_MS
    this.#endOutput(sendTimeoutMs)
  }

  /** FIN after what was written; the socket is destroyed when the client's FIN comes or the time is over. */
  close(totalMs: number, sendTimeoutMs: number): void {
    this.#untilMs = monotonicMs() + totalMs
    this.#idleMs = CLOSE_GRACE_MS
    if (this.#io.pendingBytes > 0) this.#endOutput(sendTimeoutMs)
    else this.#io.destroySoon()
  }

  /** More bytes came, which nobody reads. */
  heard(idleMs: number): void {
    this.#idleMs = idleMs
    this.#awaitPeer()
  }

  #endOutput(sendTimeoutMs: number): void {
    this.#sending = this.#io.pendingBytes > 0
    if (this.#sending) this.#progress.begin(sendTimeoutMs)
    this.#awaitPeer()
    this.#io.end()
  }

  #awaitPeer(): void {
    const idleMs = this.#sending ? CLOSE_GRACE_MS : this.#idleMs
    this.#owner.deadlineMs = Math.min(this.#sending ? Infinity : this.#untilMs, monotonicMs() + idleMs)
  }

  /** The owner's deadline has passed. */
  waited(): void {
    const sent = this.#io.pendingBytes === 0
    if (sent ? !this.#sending : this.#progress.extend() === undefined) {
      this.#io.destroy()
      return
    }
    this.#sending = !sent
    this.#awaitPeer()
  }
}
