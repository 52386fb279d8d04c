/** Sends a request body to a socket, the next piece when the last has left or, of a body that still comes, has come. */
import { giveBlock, takeBlock } from '../../io/block-pool.ts'
import type { Transport } from '../../io/transport.ts'
import type { BodySource, LiveBody, SendState } from './exchange.ts'

/** Pieces of a file that are sent before others have their turn. */
const MAX_BURST = 16

export interface BodyFraming {
  /** Writes a piece in its wire form. */
  write(connection: Transport, bytes: Buffer): void
  /** Writes the end, if the protocol has one. */
  end(connection: Transport): void
}

/** What the length of the message says all about. */
export const RAW_FRAMING: BodyFraming = {
  write: (connection, bytes) => {
    connection.write(bytes)
  },
  end: () => undefined,
}

export interface BodyPumpListener {
  onSendProgress(state: SendState): void
  /** The body cannot be read: the request will never be whole. Never before `start` has returned. */
  onBodyError(error: Error): void
}

export class BodyPump {
  readonly #source: BodySource
  readonly #connection: Transport
  readonly #framing: BodyFraming
  readonly #listener: BodyPumpListener
  #position = 0
  #waiting = false
  #stopped = false
  #done = false
  /** Pieces that the kernel has not taken whole. */
  #underWay: Buffer[] = []

  constructor(source: BodySource, connection: Transport, framing: BodyFraming, listener: BodyPumpListener) {
    this.#source = source
    this.#connection = connection
    this.#framing = framing
    this.#listener = listener
  }

  /** The end was handed to the socket. */
  get done(): boolean {
    return this.#done
  }

  start(): void {
    const { memory, live } = this.#source
    if (live) {
      live.listen(() => this.#flow(live))
      this.#flow(live)
    } else if (memory) {
      this.#connection.cork()
      for (const bytes of memory) this.#framing.write(this.#connection, bytes)
      this.#writeEnd()
      this.#connection.uncork()
      this.uncorked()
    } else this.#sendFile()
  }

  /** The socket takes more. */
  drained(): void {
    this.#giveBlocks()
    if (this.#stopped) return
    if (this.#done) this.#listener.onSendProgress('whole')
    if (!this.#waiting) return
    this.#waiting = false
    const { live } = this.#source
    if (live) this.#flow(live)
    else this.#sendFile()
  }

  /** What was corked may have left at once, and no drain follows. */
  uncorked(): void {
    if ((this.#done || this.#waiting) && !this.#connection.willDrain) this.drained()
  }

  stop(): void {
    this.#stopped = true
  }

  #flow(live: LiveBody): void {
    if (this.#stopped || this.#waiting || this.#done) return
    for (let bytes = live.take(); bytes; bytes = live.take()) if (!this.#write(bytes)) return
    if (live.ended) this.#writeEnd()
    else this.#listener.onSendProgress('starved')
  }

  /** Answers false when the socket has to drain first. */
  #write(bytes: Buffer): boolean {
    this.#framing.write(this.#connection, bytes)
    if (this.#connection.pendingBytes === 0) {
      giveBlock(bytes)
      return true
    }
    this.#underWay.push(bytes)
    if (!this.#connection.willDrain) return true
    this.#waiting = true
    this.#listener.onSendProgress('blocked')
    return false
  }

  #giveBlocks(): void {
    if (this.#underWay.length === 0 || this.#connection.pendingBytes > 0) return
    for (const bytes of this.#underWay) giveBlock(bytes)
    this.#underWay = []
  }

  /**
   * As far as the socket takes it. Read by the loop, as nginx does by default: it was written a moment ago, and what
   * the system has in its cache costs less than the way to another thread.
   */
  readonly #sendFile = (): void => {
    try {
      for (let burst = 0; this.#position < this.#source.length; burst += 1) {
        if (this.#stopped) return
        if (burst === MAX_BURST) {
          setImmediate(this.#sendFile)
          return
        }
        if (!this.#write(this.#nextPiece()) && this.#position < this.#source.length) return
      }
      if (!this.#stopped) this.#writeEnd()
    } catch (error) {
      setImmediate(() => this.#fail(error))
    }
  }

  #nextPiece(): Buffer {
    const block = takeBlock()
    const count = this.#source.readAt(this.#position, block)
    if (count === 0) throw new Error('buffered request body is shorter than its length')
    this.#position += count
    return block.subarray(0, count)
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.#listener.onBodyError(error instanceof Error ? error : new Error(String(error)))
  }

  #writeEnd(): void {
    this.#done = true
    this.#waiting = false
    this.#framing.end(this.#connection)
    this.#listener.onSendProgress(this.#connection.willDrain ? 'blocked' : 'whole')
  }
}
