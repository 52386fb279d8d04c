/** The Salsa20 core (D. J. Bernstein) on words in the order that yescrypt keeps its blocks in. */

const x = new Int32Array(16)

/** Place in Salsa's matrix of each word of a block. */
const PLACES = Uint8Array.from({ length: 16 }, (_, index) => (index * 5) % 16)

/** Sixteen words from the normal order into that of the blocks. */
export function shuffle(from: Int32Array, to: Int32Array, words: number): void {
  for (let index = 0; index < words; index += 1)
    to[index] = from[(index & ~15) + (PLACES[index & 15] as number)] as number
}

export function unshuffle(from: Int32Array, to: Int32Array, words: number): void {
  for (let index = 0; index < words; index += 1)
    to[(index & ~15) + (PLACES[index & 15] as number)] = from[index] as number
}

/** `to[a] ^= (x[b] + x[c]) <<< bits` */
function step(a: number, b: number, c: number, bits: number): void {
  const sum = ((x[b] as number) + (x[c] as number)) | 0
  x[a] = (x[a] as number) ^ ((sum << bits) | (sum >>> (32 - bits)))
}

function quarter(a: number, b: number, c: number, d: number): void {
  step(b, a, d, 7)
  step(c, b, a, 9)
  step(d, c, b, 13)
  step(a, d, c, 18)
}

/** Sixteen words of `block` from `at`, replaced by the core's output. */
export function salsa20(block: Int32Array, at: number, rounds: number): void {
  for (let index = 0; index < 16; index += 1) x[PLACES[index] as number] = block[at + index] as number
  for (let round = 0; round < rounds; round += 2) {
    quarter(0, 4, 8, 12)
    quarter(5, 9, 13, 1)
    quarter(10, 14, 2, 6)
    quarter(15, 3, 7, 11)
    quarter(0, 1, 2, 3)
    quarter(5, 6, 7, 4)
    quarter(10, 11, 8, 9)
    quarter(15, 12, 13, 14)
  }
  for (let index = 0; index < 16; index += 1)
    block[at + index] = (block[at + index] as number) + (x[PLACES[index] as number] as number)
}
