/**
 * One accepted or dialled byte stream, with listeners from birth: an error event never finds nobody listening.
 * Owners get calls instead of events, and a write says by its answer when to stop.
 */
import { writeGatheredLines } from './log-file.ts'
import type { Socket } from './socket.ts'
import type { Transport } from './transport.ts'

/** `onData`, `onEnd` and `onDrain` may throw: a bug then costs this connection and not the process. */
export interface ConnectionOwner {
  /** `bytes` belong to the owner, unless the transport lends them. */
  onData(bytes: Buffer): void
  /** The peer sent its FIN; our side is still open. */
  onEnd(): void
  /** All that was written has left for the kernel after a `write` that answered false. */
  onDrain(): void
  /** Exactly once, last. `error` is the transport's or what a callback threw, if one of them ended it. */
  onClose(error: NodeJS.ErrnoException | undefined): void
}

/** What node's own socket time-out looks at (`Socket.prototype._onTimeout`); it has no public name. */
interface StreamHandle {
  readonly writeQueueSize?: number
}

export class Connection implements Transport {
  readonly lendsBytes = false
  readonly socket: Socket
  #owner: ConnectionOwner | undefined
  #error: NodeJS.ErrnoException | undefined

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket
    this.#owner = owner
    socket.on('data', (bytes: Buffer) => {
      try {
        this.#owner?.onData(bytes)
      } catch (error) {
        this.#fail(error)
      }
    })
    socket.on('end', () => {
      try {
        this.#owner?.onEnd()
      } catch (error) {
        this.#fail(error)
      }
    })
    socket.on('drain', () => {
      try {
        this.#owner?.onDrain()
      } catch (error) {
        this.#fail(error)
      }
    })
    socket.on('error', (error) => (this.#error = error))
    socket.on('close', () => this.#owner?.onClose(this.#error))
  }

  /** The owner has what was beneath the socket, and hears nothing of the socket any more. */
  letGo(): void {
    this.#owner = undefined
    this.socket.destroy()
  }

  #fail(error: unknown): void {
    this.socket.destroy(error instanceof Error ? error : new Error(String(error)))
  }

  write(data: string | Buffer): boolean {
    if (this.socket.writableEnded) return false // the socket would end with an error
    return typeof data === 'string' ? this.socket.write(data, 'latin1') : this.socket.write(data)
  }

  /** Bytes handed to the socket since it was made. */
  get bytesWritten(): number {
    return this.socket.bytesWritten
  }

  get bytesTaken(): number {
    return this.socket.bytesWritten
  }

  get destroyed(): boolean {
    return this.socket.destroyed
  }

  get pendingBytes(): number {
    return this.socket.writableLength
  }

  get willDrain(): boolean {
    return this.socket.writableNeedDrain
  }

  get unsentBytes(): number {
    const { _handle: handle } = this.socket as Socket & { readonly _handle?: StreamHandle | null }
    return this.socket.writableLength + (handle?.writeQueueSize ?? 0)
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

  end(): void {
    writeGatheredLines()
    this.socket.end()
  }

  destroy(): void {
    writeGatheredLines()
    this.socket.destroy()
  }

  destroySoon(): void {
    writeGatheredLines()
    this.socket.destroySoon()
  }

  reset(): void {
    writeGatheredLines()
    try {
      this.socket.resetAndDestroy()
    } catch {
      this.socket.destroy() // there is no RST on a unix-domain socket
    }
  }
}
