/** SHA-256 and SHA-512 passwords, `$5$` and `$6$` (the specification by U. Drepper that libcrypt follows). */
import { createHash } from 'node:crypto'
import { encodeDigest } from './radix64.ts'

const DEFAULT_ROUNDS = 5000
const MIN_ROUNDS = 1000
/** The specification allows 999,999,999, which takes the thread hours. */
const MAX_ROUNDS = 10_000_000

type Group = readonly [number, number, number, number]

/** 0 10 20, 21 1 11, 12 22 2, ...: each group's indexes are the last one's plus one, turned by one place. */
function groups(size: number): Group[] {
  const third = Math.floor(size / 3)
  const list: Group[] = []
  for (let index = 0; index < third; index += 1) {
    const [a, b, c] = [index, index + third, index + 2 * third]
    const turned =
      size === 64
        ? ([
            [a, b, c],
            [b, c, a],
            [c, a, b],
          ] as const)
        : ([
            [a, b, c],
            [c, a, b],
            [b, c, a],
          ] as const)
    const [high, middle, low] = turned[index % 3] ?? turned[0]
    list.push([high, middle, low, 4])
  }
  if (size === 64) list.push([-1, -1, 63, 2])
  else list.push([-1, 31, 30, 3])
  return list
}

const VARIANTS = {
  $5$: { algorithm: 'sha256', groups: groups(32) },
  $6$: { algorithm: 'sha512', groups: groups(64) },
} as const

/** The whole text for a password, with the prefix, rounds and salt of `stored`; undefined when those are none. */
export function shaCrypt(password: Buffer, stored: string): string | undefined {
  const match = /^(\$[56]\$)(?:rounds=([0-9]{1,9})\$)?([^$]*)/.exec(stored)
  if (!match) return undefined
  const prefix = match[1] as keyof typeof VARIANTS
  const { algorithm, groups: order } = VARIANTS[prefix]
  const asked = match[2] === undefined ? DEFAULT_ROUNDS : Number(match[2])
  if (asked > MAX_ROUNDS) return undefined
  const rounds = Math.max(MIN_ROUNDS, asked)
  const salt = (match[3] ?? '').slice(0, 16)
  const digest = shaDigest(algorithm, password, Buffer.from(salt, 'latin1'), rounds)
  const shown = match[2] === undefined ? '' : `rounds=${rounds}$`
  return `${prefix}${shown}${salt}$${encodeDigest(digest, order)}`
}

function shaDigest(algorithm: string, password: Buffer, salt: Buffer, rounds: number): Buffer {
  const hash = (...parts: readonly Uint8Array[]): Buffer => {
    const state = createHash(algorithm)
    for (const part of parts) state.update(part)
    return state.digest()
  }
  const alternate = hash(password, salt, password)
  const parts: Uint8Array[] = [password, salt, stretched(alternate, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : password)
  let digest = hash(...parts)
  const p = stretched(hash(...Array.from({ length: password.length }, () => password)), password.length)
  const s = stretched(hash(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)), salt.length)
  for (let round = 0; round < rounds; round += 1) {
    const odd = (round & 1) === 1
    const pieces: Uint8Array[] = [odd ? p : digest]
    if (round % 3 !== 0) pieces.push(s)
    if (round % 7 !== 0) pieces.push(p)
    pieces.push(odd ? digest : p)
    digest = hash(...pieces)
  }
  return digest
}

/** `bytes` again and again up to that length. */
function stretched(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}
