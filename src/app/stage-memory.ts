/** A line of text and a counter in shared memory: written by the loop's thread, read by the one that watches it. */
const COUNTER = 0
const LENGTH = 1
const TEXT_AT = 8
const TEXT_BYTES = 4096

export class StageMemory {
  readonly shared: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #text: Buffer

  /** Without one the memory is made. */
  constructor(shared = new SharedArrayBuffer(TEXT_AT + TEXT_BYTES)) {
    this.shared = shared
    this.#words = new Int32Array(shared, 0, 2)
    this.#text = Buffer.from(shared, TEXT_AT, TEXT_BYTES)
  }

  /** The loop turns. */
  beat(): void {
    Atomics.add(this.#words, COUNTER, 1)
  }

  get beats(): number {
    return Atomics.load(this.#words, COUNTER)
  }

  write(text: string): void {
    const length = this.#text.write(text, 0, TEXT_BYTES, 'utf8')
    Atomics.store(this.#words, LENGTH, length)
  }

  /** Torn only where the writer stopped within `write`: it is for the eyes. */
  read(): string {
    return this.#text.toString('utf8', 0, Atomics.load(this.#words, LENGTH))
  }
}
