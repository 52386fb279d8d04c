/**
 * What came of a response while its client takes none: FastCGI has no flow control, so that it is kept in memory. An
 * application of our own is told to pause it alone (FCGI_FLOW); beyond a bound its connection is not read.
 */

/** Bytes kept before the connection is not read any more. */
const MAX_BYTES = 1 << 20
/** Bytes after which the application is told to pause, and below which to go on. */
const PAUSE_BYTES = 64 * 1024
const RESUME_BYTES = 16 * 1024

export interface HeldResponseOwner {
  tellFlow(paused: boolean): void
  /** More is held than the bound, or no more. */
  onBound(exceeded: boolean): void
}

export class HeldResponse {
  readonly #owner: HeldResponseOwner
  readonly #chunks: Buffer[] = []
  #bytes = 0
  /** The application was told to pause. */
  #told = false
  #whole = false

  constructor(owner: HeldResponseOwner) {
    this.#owner = owner
  }

  get empty(): boolean {
    return this.#chunks.length === 0
  }

  /** Its end is here behind the chunks: a connection that closes now takes nothing from it. */
  get whole(): boolean {
    return this.#whole
  }

  /** The end came. */
  end(): void {
    this.#whole = true
  }

  /** Copies `chunk`. */
  keep(chunk: Buffer): void {
    const before = this.#bytes
    this.#chunks.push(Buffer.from(chunk))
    this.#bytes += chunk.length
    if (this.#bytes > PAUSE_BYTES && !this.#told) this.#tell(true)
    if (before <= MAX_BYTES && this.#bytes > MAX_BYTES) this.#owner.onBound(true)
  }

  /** The next chunk; undefined when there is none. */
  take(): Buffer | undefined {
    const chunk = this.#chunks.shift()
    if (!chunk) return undefined
    const before = this.#bytes
    this.#bytes -= chunk.length
    if (this.#told && this.#bytes <= RESUME_BYTES) this.#tell(false)
    if (before > MAX_BYTES && this.#bytes <= MAX_BYTES) this.#owner.onBound(false)
    return chunk
  }

  /** Nobody wants it any more. */
  drop(): void {
    if (this.#bytes > MAX_BYTES) this.#owner.onBound(false)
    this.#bytes = 0
    this.#chunks.length = 0
  }

  #tell(paused: boolean): void {
    if (this.#whole) return
    this.#told = paused
    this.#owner.tellFlow(paused)
  }
}
