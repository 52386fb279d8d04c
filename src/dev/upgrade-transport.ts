/**
 * A request with `Upgrade` as a connection of the front. node:http has given the socket up: what answers it, the front
 * or http-proxy, has it to itself from then on.
 */
import type { IncomingMessage } from 'node:http'
import { Connection, type ConnectionOwner } from '../io/connection.ts'
import type { Socket } from '../io/socket.ts'
import type { StartedTransport } from '../io/transport.ts'
import { requestHead } from './response-transport.ts'

export class UpgradeTransport implements StartedTransport {
  readonly lendsBytes = false
  readonly message: IncomingMessage
  readonly socket: Socket
  /** What came behind the head. */
  readonly rest: Buffer
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  #owner: ConnectionOwner | undefined
  #connection: Connection | undefined
  #released = false

  constructor(message: IncomingMessage, socket: Socket, rest: Buffer) {
    this.message = message
    this.socket = socket
    this.rest = rest
    this.remoteAddress = socket.remoteAddress
    this.remotePort = socket.remotePort
    this.localAddress = socket.localAddress
    this.localPort = socket.localPort
    socket.setTimeout(0)
    socket.setNoDelay(true)
  }

  start(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  /** The front gets the head. Not from `start`: the answer may be there before this returns. */
  begin(): void {
    this.#owner?.onData(Buffer.from(requestHead(this.message), 'latin1'))
  }

  /** From here on the front reads and writes the socket. */
  take(): Connection {
    if (this.#connection) return this.#connection
    const owner = this.#owner
    if (!owner) throw new Error('nobody takes the socket')
    if (this.rest.length > 0 && !this.#released) this.socket.unshift(this.rest)
    this.#connection = new Connection(this.socket, owner)
    return this.#connection
  }

  /** Somebody else reads and writes the socket; the front hears of its end. */
  release(): void {
    this.#released = true
    this.socket.on('error', () => this.socket.destroy())
    this.socket.on('close', () => this.#owner?.onClose(undefined))
  }

  get destroyed(): boolean {
    return this.socket.destroyed
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten
  }

  get bytesTaken(): number {
    return this.socket.bytesWritten
  }

  get pendingBytes(): number {
    return this.socket.writableLength
  }

  get unsentBytes(): number {
    return this.#connection?.unsentBytes ?? 0
  }

  get willDrain(): boolean {
    return this.socket.writableNeedDrain
  }

  write(data: string | Buffer): boolean {
    return this.take().write(data)
  }

  cork(): void {
    this.take().cork()
  }

  uncork(): void {
    this.take().uncork()
  }

  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }

  end(): void {
    this.take().end()
  }

  destroy(): void {
    this.take().destroy()
  }

  destroySoon(): void {
    this.take().destroySoon()
  }

  reset(): void {
    this.take().reset()
  }
}
