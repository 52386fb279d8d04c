/**
 * Latin-1 strings that were seen before, found by their octets. A peer sends the same few dozen names each time;
 * comparing octets costs a third of cutting out a string that then has to be looked up among all strings before it
 * can be the name of a property.
 *
 * Bounded: 512 names of up to 64 bytes. A full slot is only taken over at each 16th miss, so names that an attacker
 * makes up cost a little and displace little.
 */

const SLOTS = 512
const MAX_BYTES = 64
const TAKE_OVER_EVERY = 16

export class NameMemory {
  readonly #names: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined)
  readonly #octets: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SLOTS).fill(undefined)
  #misses = 0

  /** The remembered name of `length` bytes at `at`, or undefined. */
  find(bytes: Uint8Array, at: number, length: number): string | undefined {
    const slot = slotOf(bytes, at, length)
    const octets = this.#octets[slot]
    if (octets === undefined || octets.length !== length) return undefined
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== octets[i]) return undefined
    }
    return this.#names[slot]
  }

  /** Remembers a name that was not found. */
  add(bytes: Buffer, at: number, length: number): void {
    if (length === 0 || length > MAX_BYTES) return
    const slot = slotOf(bytes, at, length)
    if (this.#octets[slot] !== undefined && ++this.#misses % TAKE_OVER_EVERY !== 0) return
    this.#octets[slot] = Uint8Array.prototype.slice.call(bytes, at, at + length)
    // A string of its own, not a part of the whole block's text.
    this.#names[slot] = bytes.toString('latin1', at, at + length)
  }
}

/** By length and three octets: names differ at their end and in the middle more than at their start. */
function slotOf(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length
  const last = bytes[end - 1] ?? 0
  const middle = bytes[at + (length >> 1)] ?? 0
  const third = bytes[length < 3 ? at : end - 3] ?? 0
  return (length * 31 + last * 7 + middle * 17 + third * 13) & (SLOTS - 1)
}
