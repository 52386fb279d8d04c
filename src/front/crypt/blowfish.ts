/** Blowfish as bcrypt uses it: its initial state is the fraction of pi, which is computed rather than listed. */

/** Words of the state: 18 of the key array, then four boxes of 256. */
const P_WORDS = 18
const WORDS = P_WORDS + 4 * 256

let pi: Uint32Array | undefined

/** The first bits of pi's fraction, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239). */
function initialState(): Uint32Array {
  if (pi) return pi
  const bits = BigInt(WORDS * 32)
  const guard = 64n
  const one = 1n << (bits + guard)
  const value = (16n * arctanInverse(5n, one) - 4n * arctanInverse(239n, one)) >> guard
  let fraction = value & ((1n << bits) - 1n)
  const words = new Uint32Array(WORDS)
  for (let index = WORDS - 1; index >= 0; index -= 1) {
    words[index] = Number(fraction & 0xffff_ffffn)
    fraction >>= 32n
  }
  return (pi = words)
}

function arctanInverse(x: bigint, one: bigint): bigint {
  let power = one / x
  let sum = power
  const square = x * x
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= square
    sum += (sign * power) / n
  }
  return sum
}

export class Blowfish {
  readonly #state = initialState().slice()
  #left = 0
  #right = 0

  /** One expensive key expansion step; without salt it is zero. `key` is used again and again. */
  expand(key: Uint8Array, salt?: Uint8Array): void {
    const state = this.#state
    const keyWords = cyclicWords(key, P_WORDS)
    for (let index = 0; index < P_WORDS; index += 1) {
      state[index] = (state[index] ?? 0) ^ (keyWords[index] ?? 0)
    }
    const saltWords = salt ? cyclicWords(salt, 4) : new Uint32Array(4)
    this.#left = 0
    this.#right = 0
    for (let index = 0; index < WORDS; index += 2) {
      this.#left ^= saltWords[index & 3] ?? 0
      this.#right ^= saltWords[(index + 1) & 3] ?? 0
      this.#encrypt()
      state[index] = this.#left
      state[index + 1] = this.#right
    }
  }

  /** Enciphers two words in place. */
  encipher(words: Uint32Array, at: number): void {
    this.#left = words[at] ?? 0
    this.#right = words[at + 1] ?? 0
    this.#encrypt()
    words[at] = this.#left
    words[at + 1] = this.#right
  }

  // the whole cost of bcrypt is here: no calls, no bounds that the engine cannot see
  #encrypt(): void {
    const s = this.#state
    let left = this.#left ^ (s[0] as number)
    let right = this.#right
    for (let round = 1; round <= 16; round += 2) {
      right ^=
        ((((s[18 + (left >>> 24)] as number) + (s[274 + ((left >>> 16) & 255)] as number)) ^
          (s[530 + ((left >>> 8) & 255)] as number)) +
          (s[786 + (left & 255)] as number)) ^
        (s[round] as number)
      left ^=
        ((((s[18 + (right >>> 24)] as number) + (s[274 + ((right >>> 16) & 255)] as number)) ^
          (s[530 + ((right >>> 8) & 255)] as number)) +
          (s[786 + (right & 255)] as number)) ^
        (s[round + 1] as number)
    }
    this.#left = (right ^ (s[17] as number)) >>> 0
    this.#right = left >>> 0
  }
}

function cyclicWords(bytes: Uint8Array, count: number): Uint32Array {
  const words = new Uint32Array(count)
  let at = 0
  for (let index = 0; index < count; index += 1) {
    let word = 0
    for (let byte = 0; byte < 4; byte += 1) {
      word = (word << 8) | (bytes[at] ?? 0)
      at = (at + 1) % bytes.length
    }
    words[index] = word
  }
  return words
}
