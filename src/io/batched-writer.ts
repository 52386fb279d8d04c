/**
 * Gathers what is written to a socket within one turn of the event loop and hands it over in one write. Answers of a
 * multiplexed connection are a few hundred bytes each: a system call for each would cost more than making it.
 *
 * Rules of this file: text is Latin-1; bytes belong to the writer until they have left; order is kept.
 */
import type { Socket } from './socket.ts'

export interface BatchOwner {
  /** Right before a batch leaves: the last moment to add to it. */
  onFlush(): void
}

/** A batch that has grown so large leaves at once. */
const MAX_BATCH_BYTES = 65_536
/** A peer that takes nothing for so long is gone. */
const STALL_TIMEOUT_MS = 60_000

export class BatchedWriter {
  readonly #socket: Socket
  readonly #owner: BatchOwner
  /** The tail of the batch; whole parts before it. */
  #text = ''
  #parts: (string | Uint8Array)[] = []
  #batchBytes = 0
  #inBatch = false
  #scheduled = false
  #draining: PromiseWithResolvers<void> | undefined
  #stall: NodeJS.Timeout | undefined

  constructor(socket: Socket, owner: BatchOwner) {
    this.#socket = socket
    this.#owner = owner
    socket.on('drain', () => this.#drained())
    socket.on('close', () => this.#closed())
  }

  /** Nothing leaves before `endBatch`, unless it is large. */
  beginBatch(): void {
    this.#inBatch = true
  }

  endBatch(): void {
    this.#inBatch = false
    this.flush()
  }

  writeText(text: string): void {
    this.#text += text
    this.#added(text.length)
  }

  writeBytes(bytes: Uint8Array): void {
    if (this.#text !== '') this.#parts.push(this.#text)
    this.#text = ''
    this.#parts.push(bytes)
    this.#added(bytes.length)
  }

  /** Makes sure that the batch leaves within this turn, for an owner that adds in `onFlush`. */
  schedule(): void {
    if (this.#inBatch || this.#scheduled) return
    this.#scheduled = true
    // After the promises that are settled now: whatever they write joins the batch.
    process.nextTick(flushScheduled, this)
  }

  /** Bytes that the kernel has not taken. */
  get pendingBytes(): number {
    return this.#socket.writableLength
  }

  /** Undefined when more may be written at once; rejects when the connection closes first. */
  get backPressure(): Promise<void> | undefined {
    return this.#draining?.promise
  }

  flush(): void {
    this.#scheduled = false
    this.#owner.onFlush()
    if (this.#batchBytes === 0) return
    const parts = this.#parts
    const text = this.#text
    this.#text = ''
    this.#batchBytes = 0
    if (this.#socket.destroyed) {
      this.#parts = []
      return
    }
    if (parts.length === 0) {
      this.#handedOver(this.#socket.write(text, 'latin1'))
      return
    }
    this.#parts = []
    if (text !== '') parts.push(text)
    this.#socket.cork()
    let goesOn = true
    for (const part of parts) {
      goesOn = typeof part === 'string' ? this.#socket.write(part, 'latin1') : this.#socket.write(part)
    }
    this.#socket.uncork()
    this.#handedOver(goesOn)
  }

  #added(bytes: number): void {
    this.#batchBytes += bytes
    if (this.#batchBytes > MAX_BATCH_BYTES) this.flush()
    else this.schedule()
  }

  #handedOver(goesOn: boolean): void {
    if (goesOn || this.#draining) return
    this.#draining = Promise.withResolvers<void>()
    // Not everybody who writes waits.
    this.#draining.promise.catch(noop)
    this.#stall = setTimeout(() => this.#socket.destroy(), STALL_TIMEOUT_MS)
  }

  #drained(): void {
    clearTimeout(this.#stall)
    const draining = this.#draining
    this.#draining = undefined
    draining?.resolve()
  }

  #closed(): void {
    clearTimeout(this.#stall)
    this.#draining?.reject(new Error('the connection was closed'))
    // Later writes wait for nothing: nobody takes them.
    this.#draining = undefined
  }
}

function flushScheduled(writer: BatchedWriter): void {
  writer.flush()
}

function noop(): void {}
