/** yescrypt's parallel wide transformation: multiplications and look-ups in tables that change as it goes. */
import { salsa20 } from './salsa20.ts'

const ROUNDS = 6
/** Words of one of the three tables: 256 rows of two 64-bit numbers. */
const TABLE_WORDS = 1024
/** Words of all three. */
export const TABLES_WORDS = 3 * TABLE_WORDS
/** Bits of a word that choose a row, as a byte offset. */
const ROW_MASK = 0xff0
const BLOCK_WORDS = 16

export class Pwxform {
  readonly #tables: Int32Array
  /** Where in `#tables` each of the three begins; they trade places after every block. */
  #first = 2 * TABLE_WORDS
  #second = TABLE_WORDS
  #third = 0
  /** Word of the third table to be written next. */
  #cursor = 0
  readonly #x = new Int32Array(BLOCK_WORDS)

  /** `tables` holds TABLES_WORDS words and becomes this one's own. */
  constructor(tables: Int32Array) {
    this.#tables = tables
  }

  /** BlockMix_pwxform over `words` words of `block`. */
  mix(block: Int32Array, words: number): void {
    const x = this.#x
    const last = words - BLOCK_WORDS
    for (let index = 0; index < BLOCK_WORDS; index += 1) x[index] = block[last + index] as number
    for (let at = 0; at < words; at += BLOCK_WORDS) {
      for (let index = 0; index < BLOCK_WORDS; index += 1)
        x[index] = (x[index] as number) ^ (block[at + index] as number)
      this.#transform()
      for (let index = 0; index < BLOCK_WORDS; index += 1) block[at + index] = x[index] as number
    }
    salsa20(block, last, 2)
  }

  #transform(): void {
    const x = this.#x
    const tables = this.#tables
    for (let round = 0; round < ROUNDS; round += 1) {
      const keeps = round !== 0 && round !== ROUNDS - 1
      for (let lane = 0; lane < BLOCK_WORDS; lane += 4) {
        const from = this.#first + (((x[lane] as number) & ROW_MASK) >>> 2)
        const other = this.#second + (((x[lane + 1] as number) & ROW_MASK) >>> 2)
        for (let half = 0; half < 4; half += 2) {
          multiplyAddXor(x, lane + half, tables, from + half, other + half)
          if (!keeps) continue
          tables[this.#third + this.#cursor] = x[lane + half] as number
          tables[this.#third + this.#cursor + 1] = x[lane + half + 1] as number
          this.#cursor += 2
        }
      }
    }
    this.#cursor %= TABLE_WORDS
    const third = this.#third
    this.#third = this.#second
    this.#second = this.#first
    this.#first = third
  }
}

/** The 64-bit number at `at`: its halves multiplied, plus that at `add`, xor that at `xor`; modulo 2^64. */
function multiplyAddXor(x: Int32Array, at: number, tables: Int32Array, add: number, xor: number): void {
  const low = x[at] as number
  const high = x[at + 1] as number
  const lowLow = low & 0xffff
  const lowHigh = low >>> 16
  const highLow = high & 0xffff
  const highHigh = high >>> 16
  const middle = lowHigh * highLow + ((lowLow * highLow) >>> 16)
  const carried = lowLow * highHigh + (middle & 0xffff)
  const productHigh = lowHigh * highHigh + (middle >>> 16) + (carried >>> 16)
  const sum = (Math.imul(low, high) >>> 0) + ((tables[add] as number) >>> 0)
  const carry = sum > 0xffffffff ? 1 : 0
  x[at] = (sum | 0) ^ (tables[xor] as number)
  x[at + 1] = ((productHigh + (tables[add + 1] as number) + carry) | 0) ^ (tables[xor + 1] as number)
}
