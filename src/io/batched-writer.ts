/**
 * Gathers what is written to a connection within one turn of the event loop and hands it over in one write. Answers of a
 * multiplexed connection are a few hundred bytes each: a system call for each would cost more than making it.
 *
 * Rules of this file: text is Latin-1; bytes belong to the writer until they have left; order is kept.
 */
import type { Transport } from './transport.ts'

export interface BatchOwner {
  /** Right before a batch leaves: the last moment to add to it. */
  onFlush(): void
}

/** A batch that has grown so large leaves at once. */
const MAX_BATCH_BYTES = 65_536
/** So much may wait for the kernel before writers are told to. */
const HIGH_WATER_BYTES = 65_536
/** A peer that takes nothing for so long is gone. */
const STALL_TIMEOUT_MS = 60_000

export class BatchedWriter {
  readonly #io: Transport
  readonly #owner: BatchOwner
  /** The tail of the batch; whole parts before it. */
  #text = ''
  #parts: (string | Buffer)[] = []
  #batchBytes = 0
  #inBatch = false
  #scheduled = false
  #draining: PromiseWithResolvers<void> | undefined
  #stall: NodeJS.Timeout | undefined

  /** The owner passes on what the connection says: `drained`, `closed`. */
  constructor(io: Transport, owner: BatchOwner) {
    this.#io = io
    this.#owner = owner
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

  writeBytes(bytes: Buffer): void {
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
    return this.#io.pendingBytes
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
    if (this.#io.destroyed) {
      this.#parts = []
      return
    }
    if (parts.length === 0) {
      this.#io.write(text)
      this.#handedOver()
      return
    }
    this.#parts = []
    if (text !== '') parts.push(text)
    this.#io.cork()
    for (const part of parts) this.#io.write(part)
    this.#io.uncork()
    this.#handedOver()
  }

  #added(bytes: number): void {
    this.#batchBytes += bytes
    if (this.#batchBytes > MAX_BATCH_BYTES) this.flush()
    else this.schedule()
  }

  #handedOver(): void {
    if (this.#draining || !this.#io.willDrain || this.#io.pendingBytes < HIGH_WATER_BYTES) return
    this.#draining = Promise.withResolvers<void>()
    // Not everybody who writes waits.
    this.#draining.promise.catch(noop)
    this.#stall = setTimeout(() => this.#io.destroy(), STALL_TIMEOUT_MS)
  }

  drained(): void {
    clearTimeout(this.#stall)
    const draining = this.#draining
    this.#draining = undefined
    draining?.resolve()
  }

  closed(): void {
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
