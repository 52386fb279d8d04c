/** A connection whose peer takes `room` bytes at once; what was written while corked leaves when it is uncorked. */
import type { Transport } from '../../src/io/transport.ts'

export class FakeTransport implements Transport {
  readonly lendsBytes = true
  readonly destroyed = false
  bytesWritten = 0
  /** What left, a write each. */
  readonly writes: string[] = []
  #room: number
  #corks = 0
  #queue: string[] = []

  constructor(room: number) {
    this.#room = room
  }

  get bytesTaken(): number {
    return this.bytesWritten - this.pendingBytes
  }
  get pendingBytes(): number {
    return this.#queue.join('').length
  }
  get willDrain(): boolean {
    return this.pendingBytes > 0
  }
  get unsentBytes(): number {
    return this.pendingBytes
  }
  write(data: string | Buffer): boolean {
    this.bytesWritten += data.length
    this.#queue.push(data.toString('latin1'))
    this.#send()
    return this.#corks > 0 || this.pendingBytes === 0
  }
  cork(): void {
    this.#corks += 1
  }
  uncork(): void {
    this.#corks -= 1
    this.#send()
  }
  #send(): void {
    const all = this.#queue.join('')
    if (this.#corks > 0 || all.length === 0 || all.length > this.#room) return
    this.#queue = []
    this.writes.push(all)
  }
  /** The peer has read. */
  take(): void {
    this.#room = Infinity
    this.#send()
  }
  pause(): void {
    // nothing is read
  }
  resume(): void {
    // nothing is read
  }
  end(): void {
    throw new Error("not a pump's business")
  }
  destroy(): void {
    this.end()
  }
  destroySoon(): void {
    this.end()
  }
  reset(): void {
    this.end()
  }
}
