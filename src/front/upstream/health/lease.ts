/**
 * One of several workers has it, and says so again and again; when it stops doing so, because it is gone, another one
 * takes it. While the keeper of zones is gone each worker has it, and does for itself what one did for all.
 */
import type { BlobZone } from '../../zones/zones.ts'

/** For how long it is had without saying so again. */
const LIFE_MS = 3000

export class Lease {
  readonly #zone: BlobZone
  readonly #key: string
  readonly #own: Buffer
  #held = false

  /** `own` is another one for each worker. */
  constructor(zone: BlobZone, key: string, own: string) {
    this.#zone = zone
    this.#key = key
    this.#own = Buffer.from(own)
  }

  /** Takes it or keeps it; false where another one has it. */
  async take(): Promise<boolean> {
    const holder = await this.#zone.putNew(this.#key, this.#own, LIFE_MS)
    this.#held = holder.equals(this.#own)
    if (this.#held) this.#zone.put(this.#key, this.#own, LIFE_MS)
    return this.#held
  }

  release(): void {
    if (this.#held) this.#zone.delete(this.#key)
    this.#held = false
  }
}
