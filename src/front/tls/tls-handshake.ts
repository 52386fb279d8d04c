/**
 * From an accepted socket of a `listen ... ssl` to a connection that speaks HTTP: reads the ClientHello, chooses the
 * server and its certificate, and lets the TLS library do the rest. Text in place of a hello goes to HTTP as it is, to
 * be answered there with 497. The time for all of it is that for a request's head (nginx).
 */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'
import type { Socket } from '../../io/socket.ts'
import type { ProxyHeader } from '../../protocol/proxy-protocol/proxy-header.ts'
import { releaseErrors } from '../../io/tls/native-handles.ts'
import type { ServerContext } from '../../io/tls/server-context.ts'
import { ServerTlsSocket } from '../../io/tls/server-socket.ts'
import {
  looksLikeTls,
  MAX_HELLO_BYTES,
  readClientHello,
  type ClientHello,
} from '../../protocol/tls/client-hello.ts'
import type { LoggedConnection } from '../error-log.ts'
import { FIRST_BYTES_MS } from '../head-wait.ts'
import type { Request } from '../request.ts'
import type { ListenPoint } from '../server-config.ts'
import { negotiateServer, type NegotiatedServer } from './negotiated-server.ts'
import { alertRecord, type AlertName } from './tls-alert.ts'
import { TlsSession } from './tls-session.ts'

export interface TlsHandshakeOwner {
  /** The socket's next byte is of HTTP. Without `tls` it is text that came in place of a ClientHello. */
  onHandshake(handshake: TlsHandshake, socket: Socket, tls: TlsSession | undefined): void
  /** It came to nothing; the socket is closed or will be. */
  onHandshakeFailed(handshake: TlsHandshake): void
  /** A request without a head, for variables in the names of certificates. */
  handshakeRequest(handshake: TlsHandshake, negotiated: NegotiatedServer): Request
}

/** After an alert: the client's bytes that are on their way would otherwise make a reset of it. */
const ALERT_GRACE_MS = 100

const PROTOCOLS = Buffer.from('\x08http/1.1\x08http/1.0\x08http/0.9', 'latin1')

export class TlsHandshake implements Deadlined, LoggedConnection {
  deadlineMs: number
  deadlineSlot = -1
  readonly point: ListenPoint
  readonly socket: Socket
  readonly serial: number
  readonly proxied: ProxyHeader | undefined
  readonly remoteAddress: string
  hello: ClientHello | undefined
  readonly #owner: TlsHandshakeOwner
  #received: Buffer[] = []
  #receivedBytes = 0
  #tls: ServerTlsSocket | undefined
  #over = false

  constructor(
    owner: TlsHandshakeOwner,
    point: ListenPoint,
    socket: Socket,
    serial: number,
    proxied: ProxyHeader | undefined,
  ) {
    this.#owner = owner
    this.proxied = proxied
    this.remoteAddress = socket.remoteAddress ?? 'unix:'
    this.point = point
    this.socket = socket
    this.serial = serial
    this.deadlineMs = monotonicMs() + point.defaultServer.headerTimeoutMs
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    watchDeadline(this)
  }

  /** Name that the client asked for, as it was sent: `$ssl_server_name`. */
  get serverName(): string | undefined {
    return this.hello?.serverName
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#over) return
    this.#received.push(bytes)
    this.#receivedBytes += bytes.length
    const all = this.#received.length === 1 ? bytes : Buffer.concat(this.#received, this.#receivedBytes)
    this.#received = [all]
    if (!looksLikeTls(all[0] ?? 0)) {
      this.#handOver(all, undefined, undefined)
      return
    }
    const hello = readClientHello(all)
    if (hello === 'more' && all.length < MAX_HELLO_BYTES) return
    this.hello = typeof hello === 'string' ? undefined : hello
    this.#begin(all)
  }

  #begin(bytes: Buffer): void {
    const negotiated = negotiateServer(this.point, this.serverName)
    if (negotiated.server.tls.rejectHandshake) {
      this.#refuse('unrecognized_name')
      return
    }
    let context: ServerContext | undefined
    try {
      const { context: choose } = negotiated.server.tls.context
        ? negotiated.server.tls
        : this.point.defaultServer.tls
      context = choose?.(() => this.#owner.handshakeRequest(this, negotiated))
    } catch (error) {
      this.#log('error', error instanceof Error ? error.message : String(error))
    }
    if (!context) {
      this.#refuse('internal_error')
      return
    }
    this.#giveBack(bytes)
    const sessions = context.sessions?.find(this.hello?.identities ?? [])
    if (!(sessions instanceof Promise)) this.#start(context, negotiated, sessions ?? [])
    else
      void sessions.then((found) => {
        if (!this.#over) this.#start(context, negotiated, found)
      })
  }

  #start(context: ServerContext, negotiated: NegotiatedServer, offered: readonly Buffer[]): void {
    const tls = new ServerTlsSocket(this.socket, context, PROTOCOLS, offered)
    this.#tls = tls
    void tls.remoteAddress // kept by the socket, also when the client has reset the connection
    tls.on('_tlsError', (error: Error) => {
      if (!this.#over) this.#log('info', `SSL_do_handshake() failed (SSL: ${error.message})`)
    })
    tls.on('error', () => undefined)
    tls.on('close', this.#onClose)
    // Nothing can be read before the handshake is done but that the client is gone.
    tls.on('end', this.#onEnd)
    tls.resume()
    tls.once('secure', () => {
      releaseErrors(tls)
      tls.off('close', this.#onClose)
      tls.off('end', this.#onEnd)
      this.#handOver(undefined, tls, new TlsSession(tls, this.hello, negotiated))
    })
  }

  /** What was looked at is the next that the socket's new owner reads. */
  #giveBack(bytes: Buffer): void {
    const { socket } = this
    socket.pause()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.unshift(bytes)
  }

  #handOver(
    bytes: Buffer | undefined,
    tls: ServerTlsSocket | undefined,
    session: TlsSession | undefined,
  ): void {
    if (this.#over) return
    if (bytes) this.#giveBack(bytes)
    this.#finish()
    this.socket.off('close', this.#onClose)
    if (!tls) this.socket.off('error', this.#onError)
    this.#owner.onHandshake(this, tls ?? this.socket, session)
    if (!tls) this.socket.resume()
  }

  #refuse(alert: AlertName): void {
    this.socket.end(alertRecord(alert))
    this.deadlineMs = monotonicMs() + ALERT_GRACE_MS
    this.#received = []
    this.#over = true
  }

  readonly #onEnd = (): void => {
    if (!this.#over) this.#log('info', 'peer closed connection in SSL handshake')
    this.#over = true
    this.#tls?.destroy()
    this.socket.destroy()
  }

  readonly #onError = (): void => undefined

  readonly #onClose = (): void => {
    if (this.#tls && !this.#over) this.#log('info', 'peer closed connection in SSL handshake')
    this.#finish()
    this.#tls?.destroy()
    this.socket.destroy()
    this.#owner.onHandshakeFailed(this)
  }

  /** Called when the worker begins to drain: who has said nothing is not waited for. */
  drain(): void {
    if (!this.#tls && this.#receivedBytes === 0)
      this.deadlineMs = Math.min(this.deadlineMs, monotonicMs() + FIRST_BYTES_MS)
  }

  onDeadline(): void {
    if (!this.#over) this.#log('info', 'client timed out (110: Connection timed out)')
    this.#over = true
    this.#tls?.destroy()
    this.socket.destroy()
  }

  #finish(): void {
    this.#over = true
    this.deadlineMs = Infinity
    unwatchDeadline(this)
  }

  #log(level: 'info' | 'error', message: string): void {
    this.point.defaultServer.settings.errorLog.connection(level, this, `${message} while SSL handshaking`)
  }
}
