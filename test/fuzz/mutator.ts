/** Inputs for a target without an engine behind: its seeds, its words and what mutations make of them, by a seed. */
import type { FuzzTarget } from './targets/fuzz-target.ts'

const MAX_INPUT = 4096
const MAX_POOL = 2000
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff]

export class Mutator {
  readonly #pool: Buffer[]
  readonly #words: readonly Buffer[]
  readonly #guided: boolean
  #state: number

  constructor({ seeds, words = [] }: FuzzTarget, seed: number, guided = false) {
    this.#guided = guided
    this.#pool = seeds.map((text) => Buffer.from(text, 'utf8').length === text.length ? Buffer.from(text) : Buffer.from(text, 'latin1')) // prettier-ignore
    this.#words = words.map((word) => Buffer.from(word, 'latin1'))
    this.#state = seed >>> 0
  }

  next(): Buffer {
    let bytes = this.#pick(this.#pool)
    const steps = 1 + this.#below(5)
    for (let step = 0; step < steps; step += 1) bytes = this.#mutate(bytes)
    bytes = bytes.subarray(0, MAX_INPUT)
    // without a guide: now and then one is a base for others
    if (!this.#guided && this.#below(50) === 0) this.keep(bytes)
    return bytes
  }

  /** An input that is worth to be a base for others. */
  keep(bytes: Buffer): void {
    if (this.#pool.length < MAX_POOL) this.#pool.push(bytes)
    else this.#pool[this.#below(MAX_POOL)] = bytes
  }

  #mutate(bytes: Buffer): Buffer {
    const at = this.#below(bytes.length + 1)
    const end = Math.min(bytes.length, at + 1 + this.#below(1 + (bytes.length >> this.#below(4))))
    switch (this.#below(8)) {
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
        return this.#replace(bytes, at, at + 1, Buffer.from([this.#below(256)]))
      case 6:
        return this.#replace(bytes, at, at + 1, Buffer.from([this.#pick(NUMBERS)]))
      default:
        return this.#replace(bytes, at, at + 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << this.#below(8))]))
    }
  }

  #tail(): Buffer {
    const other = this.#pick(this.#pool)
    return other.subarray(this.#below(other.length + 1))
  }

  #word(): Buffer {
    return this.#words.length === 0 ? Buffer.from([this.#below(256)]) : this.#pick(this.#words)
  }

  #replace(bytes: Buffer, from: number, to: number, by: Buffer): Buffer {
    return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])
  }

  #pick<T>(list: readonly T[]): T {
    const one = list[this.#below(list.length)]
    if (one === undefined) throw new Error('nothing to pick from')
    return one
  }

  /** xorshift32: repeatable, and cheap beside what is tried. */
  #below(limit: number): number {
    let state = this.#state || 1
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return this.#state % limit
  }
}
