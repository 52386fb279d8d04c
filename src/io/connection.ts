/**
 * One accepted or dialled byte stream, with listeners from birth: an error event never finds nobody listening.
 * Owners get calls instead of events, and a write says by its answer when to stop.
 */
import type { Socket } from './socket.ts'

export interface ConnectionOwner {
  /** `bytes` belong to the owner. */
  onData(bytes: Buffer): void
  /** The peer sent its FIN; our side is still open. */
  onEnd(): void
  /** All that was written has left for the kernel after a `write` that answered false. */
  onDrain(): void
  /** Exactly once, last. `error` is the transport's, if one ended it. */
  onClose(error: NodeJS.ErrnoException | undefined): void
}

export class Connection {
  readonly socket: Socket
  #error: NodeJS.ErrnoException | undefined

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => owner.onData(bytes))
    socket.on('end', () => owner.onEnd())
    socket.on('drain', () => owner.onDrain())
    socket.on('error', (error) => (this.#error = error))
    socket.on('close', () => owner.onClose(this.#error))
  }

  /** Strings are written as Latin-1. Answers false when the owner should wait for `onDrain`. */
  write(data: string | Buffer): boolean {
    return typeof data === 'string' ? this.socket.write(data, 'latin1') : this.socket.write(data)
  }

  get destroyed(): boolean {
    return this.socket.destroyed
  }

  /** Bytes that have not left for the kernel. */
  get pendingBytes(): number {
    return this.socket.writableLength
  }

  cork(): void {
    this.socket.cork()
  }

  uncork(): void {
    this.socket.uncork()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** Sends our FIN after what was written. */
  end(): void {
    this.socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Closes once what was written has left, without waiting for the peer's FIN. */
  destroySoon(): void {
    this.socket.destroySoon()
  }

  /** Closes with RST (`reset_timedout_connection`). */
  reset(): void {
    this.socket.resetAndDestroy()
  }
}
