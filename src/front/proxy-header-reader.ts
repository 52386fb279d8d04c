/**
 * `listen ... proxy_protocol`: reads the header off a socket that was just accepted. What follows it, HTTP or TLS, is
 * given back to the socket, so that the next reader finds it as if it came first.
 */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../io/clock.ts'
import type { Socket } from '../io/socket.ts'
import { readProxyHeader, type ProxyHeader } from '../protocol/proxy-protocol/proxy-header.ts'
import { wellFormedTlvs } from '../protocol/proxy-protocol/tlv.ts'
import type { LoggedConnection } from './error-log.ts'
import { FIRST_BYTES_MS } from './head-wait.ts'
import type { ListenPoint } from './server-config.ts'

export interface ProxyHeaderOwner {
  /** The socket is paused and nobody listens to it; `header` undefined where the proxy named no client. */
  onProxyHeader(reader: ProxyHeaderReader, header: ProxyHeader | undefined): void
  /** The socket is closed. */
  onProxyHeaderFailed(reader: ProxyHeaderReader): void
}

export class ProxyHeaderReader implements Deadlined, LoggedConnection {
  readonly point: ListenPoint
  readonly socket: Socket
  readonly serial: number
  readonly remoteAddress: string
  deadlineMs: number
  deadlineSlot = -1
  readonly #owner: ProxyHeaderOwner
  #received: Buffer = Buffer.alloc(0)

  constructor(owner: ProxyHeaderOwner, point: ListenPoint, socket: Socket, serial: number) {
    this.#owner = owner
    this.point = point
    this.socket = socket
    this.serial = serial
    this.remoteAddress = socket.remoteAddress ?? 'unix:'
    this.deadlineMs = monotonicMs() + point.defaultServer.headerTimeoutMs
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    watchDeadline(this)
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const reading = readProxyHeader(this.#received)
    if (reading.kind === 'more') return
    if (reading.kind === 'broken') {
      this.#refuse(reading.message)
      return
    }
    const { header, length } = reading
    if (header && this.point.defaultServer.limits.strict && !wellFormedTlvs(header.tlvs)) {
      this.#refuse('broken PROXY protocol TLV')
      return
    }
    this.#letGo()
    if (this.#received.length > length) this.socket.unshift(this.#received.subarray(length))
    this.#owner.onProxyHeader(this, header)
  }

  /** An error between two readers would find nobody: the listener stays, it does nothing. */
  #letGo(): void {
    unwatchDeadline(this)
    this.socket.pause()
    this.socket.off('data', this.#onData)
    this.socket.off('end', this.#onEnd)
    this.socket.off('close', this.#onClose)
  }

  #refuse(message: string | undefined): void {
    if (message !== undefined) this.#log('error', `${message} while reading PROXY protocol`)
    this.socket.destroy()
  }

  readonly #onEnd = (): void => {
    this.#log('info', 'client closed connection while waiting for request')
    this.socket.destroy()
  }

  readonly #onError = (): void => undefined

  readonly #onClose = (): void => {
    unwatchDeadline(this)
    this.#owner.onProxyHeaderFailed(this)
  }

  /** Called when the worker begins to drain: who has said nothing is not waited for. */
  drain(): void {
    if (this.#received.length === 0)
      this.deadlineMs = Math.min(this.deadlineMs, monotonicMs() + FIRST_BYTES_MS)
  }

  onDeadline(): void {
    this.#log('info', 'client timed out (110: Connection timed out) while reading PROXY protocol')
    this.socket.destroy()
  }

  #log(level: 'info' | 'error', message: string): void {
    this.point.defaultServer.settings.errorLog.connection(level, this, message)
  }
}
