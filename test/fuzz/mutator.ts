/** Inputs for a target without an engine behind: its seeds, its words and what mutations make of them, by a seed. */
import { SeededRandom } from './seeded-random.ts'
import type { FuzzTarget } from './targets/fuzz-target.ts'

const MAX_INPUT = 4096
const MAX_POOL = 2000
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff]

export class Mutator {
  readonly #pool: Buffer[]
  readonly #words: readonly Buffer[]
  readonly #guided: boolean
  readonly #random: SeededRandom

  constructor({ seeds, words = [] }: FuzzTarget, seed: number, guided = false) {
    this.#guided = guided
    this.#pool = seeds.map((text) => Buffer.from(text, 'utf8').length === text.length ? Buffer.from(text) : Buffer.from(text, 'latin1')) // prettier-ignore
    this.#words = words.map((word) => Buffer.from(word, 'latin1'))
    this.#random = new SeededRandom(seed)
  }

  next(): Buffer {
    let bytes = this.#random.pick(this.#pool)
    const steps = 1 + this.#random.below(5)
    for (let step = 0; step < steps; step += 1) bytes = this.#mutate(bytes)
    bytes = bytes.subarray(0, MAX_INPUT)
    // without a guide: now and then one is a base for others
    if (!this.#guided && this.#random.below(50) === 0) this.keep(bytes)
    return bytes
  }

  /** An input that is worth to be a base for others. */
  keep(bytes: Buffer): void {
    if (this.#pool.length < MAX_POOL) this.#pool.push(bytes)
    else this.#pool[this.#random.below(MAX_POOL)] = bytes
  }

  #mutate(bytes: Buffer): Buffer {
    const at = this.#random.below(bytes.length + 1)
    const end = Math.min(
      bytes.length,
      at + 1 + this.#random.below(1 + (bytes.length >> this.#random.below(4))),
    )
    switch (this.#random.below(8)) {
      case 0:
        return this.#replace(bytes, at, at, this.#word())
      case 1:
        return this.#replace(bytes, at, end, this.#word())
      case 2:
        return this.#replace(bytes, at, end, Buffer.alloc(0))
      case 3:
        return this.#replace(bytes, end, end, bytes.subarray(at, end))
      case 4:
        return this.#replace(bytes, at, bytes.length, this.#tail())
      case 5:
        return this.#replace(bytes, at, at + 1, Buffer.from([this.#random.below(256)]))
      case 6:
        return this.#replace(bytes, at, at + 1, Buffer.from([this.#random.pick(NUMBERS)]))
      default:
        return this.#replace(
          bytes,
          at,
          at + 1,
          Buffer.from([(bytes[at] ?? 0) ^ (1 << this.#random.below(8))]),
        )
    }
  }

  #tail(): Buffer {
    const other = this.#random.pick(this.#pool)
    return other.subarray(this.#random.below(other.length + 1))
  }

  #word(): Buffer {
    return this.#words.length === 0 ? Buffer.from([this.#random.below(256)]) : this.#random.pick(this.#words)
  }

  #replace(bytes: Buffer, from: number, to: number, by: Buffer): Buffer {
    return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])
  }
}
