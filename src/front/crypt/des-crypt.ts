/** Traditional crypt(3): 25 rounds of DES whose expansion the salt changes; 8 characters of a password count. */
import { radix64, radix64Digit } from './radix64.ts'

// prettier-ignore
const INITIAL = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
  57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
]
// prettier-ignore
const FINAL = [
  40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
  36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
]
// prettier-ignore
const EXPANSION = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17,
  16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
]
// prettier-ignore
const PERMUTATION = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
]
// prettier-ignore
const KEY_LEFT = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36]
// prettier-ignore
const KEY_RIGHT = [63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
// prettier-ignore
const KEY_CHOICE = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
]
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
/** FIPS 46-3: a string for each box, its four rows of sixteen digits after each other. */
const BOXES = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
].map((rows) => Array.from(rows, (digit) => parseInt(digit, 16)))

type Bits = readonly number[]

const pick = (bits: Bits, places: Bits): number[] => places.map((place) => bits[place - 1] ?? 0)

/** The whole text for a password, with the two characters of salt of `stored`; undefined when they are none. */
export function desCrypt(password: Buffer, stored: string): string | undefined {
  const salts = [radix64Digit(stored.charAt(0)), radix64Digit(stored.charAt(1))]
  if (salts.includes(-1)) return undefined
  const keys = roundKeys(password)
  const expansion = saltedExpansion(((salts[1] ?? 0) << 6) | (salts[0] ?? 0))
  let block: Bits = new Array<number>(64).fill(0)
  for (let round = 0; round < 25; round += 1) block = encrypt(block, keys, expansion)
  return stored.slice(0, 2) + encodeBlock(block)
}

/** Seven bits of each of the first eight characters. */
function roundKeys(password: Buffer): Bits[] {
  const bits: number[] = []
  for (let index = 0; index < 8; index += 1) {
    const byte = password[index] ?? 0
    for (let bit = 6; bit >= -1; bit -= 1) bits.push(bit < 0 ? 0 : (byte >> bit) & 1)
  }
  let left = pick(bits, KEY_LEFT)
  let right = pick(bits, KEY_RIGHT)
  return SHIFTS.map((shift) => {
    left = [...left.slice(shift), ...left.slice(0, shift)]
    right = [...right.slice(shift), ...right.slice(0, shift)]
    return pick([...left, ...right], KEY_CHOICE)
  })
}

/** Each of the twelve bits of salt that is set exchanges two places of the expansion. */
function saltedExpansion(salt: number): Bits {
  const places = [...EXPANSION]
  for (let bit = 0; bit < 12; bit += 1) {
    if (((salt >> bit) & 1) === 0) continue
    const other = places[bit + 24] ?? 0
    places[bit + 24] = places[bit] ?? 0
    places[bit] = other
  }
  return places
}

function encrypt(block: Bits, keys: readonly Bits[], expansion: Bits): number[] {
  const mixed = pick(block, INITIAL)
  let left = mixed.slice(0, 32)
  let right = mixed.slice(32)
  for (const key of keys) {
    const turned = pick(substitute(pick(right, expansion), key), PERMUTATION)
    const next = left.map((bit, index) => bit ^ (turned[index] ?? 0))
    left = right
    right = next
  }
  return pick([...right, ...left], FINAL)
}

function substitute(expanded: Bits, key: Bits): number[] {
  const out: number[] = []
  for (const [index, box] of BOXES.entries()) {
    let six = 0
    for (let bit = 0; bit < 6; bit += 1) {
      const at = index * 6 + bit
      six = (six << 1) | ((expanded[at] ?? 0) ^ (key[at] ?? 0))
    }
    const row = ((six >> 4) & 2) | (six & 1)
    const value = box[row * 16 + ((six >> 1) & 15)] ?? 0
    out.push((value >> 3) & 1, (value >> 2) & 1, (value >> 1) & 1, value & 1)
  }
  return out
}

/** Six bits a character, most significant first; two zero bits fill the last. */
function encodeBlock(block: Bits): string {
  let text = ''
  for (let at = 0; at < 66; at += 6) {
    let value = 0
    for (let bit = 0; bit < 6; bit += 1) value = (value << 1) | (block[at + bit] ?? 0)
    text += radix64(value, 1)
  }
  return text
}
