/**
 * yescrypt with the parameters that crypt(3) writes (`$y$j...`): the read-write mode of six rounds, four lanes and
 * tables of 12 KiB. Other modes, a ROM and upgraded hashes are not there. Named as in the specification by A. Peslyak.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { Pwxform, TABLES_WORDS } from './pwxform.ts'
import { decodeBytes, encodeBytes, NumberReader } from './radix64.ts'
import { salsa20, shuffle, unshuffle } from './salsa20.ts'

interface Parameters {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly t: number
}

/** Memory of one computation, of which one is under way at a time. crypt(3) takes 16 MiB by default. */
const MAX_BYTES = 256 << 20
/** Blocks that are mixed in all, against a `t` or `p` that takes minutes. */
const MAX_WORK_BYTES = 4 * MAX_BYTES
const MODE = 47 // the letter j

/** The whole text for a password, with parameters and salt of `stored`; undefined when those are none we know. */
export function yescrypt(password: Buffer, stored: string): string | undefined {
  const match = /^\$y\$([./0-9A-Za-z]+)\$([./0-9A-Za-z]*)(?:\$|$)/.exec(stored)
  if (!match) return undefined
  const [, letters = '', saltText = ''] = match
  const parameters = readParameters(letters)
  const salt = decodeBytes(saltText)
  if (!parameters || !salt || salt.length > 64) return undefined
  const digest = deriveKey(password, salt, parameters)
  return `$y$${letters}$${saltText}$${encodeBytes(digest)}`
}

function readParameters(letters: string): Parameters | undefined {
  const reader = new NumberReader(letters)
  if (reader.next(0) !== MODE) return undefined
  const logN = reader.next(1)
  const r = reader.next(1)
  const present = reader.ended ? 0 : reader.next(1)
  const p = present & 1 ? reader.next(2) : 1
  const t = present & 2 ? reader.next(1) : 0
  if (reader.failed || !reader.ended || present > 3 || logN > 30) return undefined
  const N = 2 ** logN
  if (128 * N * r > MAX_BYTES || 128 * N * r * Math.max(1, t) > MAX_WORK_BYTES) return undefined
  // each of the p parts needs two blocks of its own
  return N / p > 1 && 128 * r * p <= MAX_BYTES ? { N, r, p, t } : undefined
}

function deriveKey(password: Buffer, salt: Buffer, parameters: Parameters): Buffer {
  const { N, r, p } = parameters
  let secret = password
  if (Math.floor(N / p) >= 0x100 && Math.floor(N / p) * r >= 0x20000)
    secret = computeBody(password, salt, { ...parameters, N: N / 64, t: 0 }, 'yescrypt-prehash')
  const key = computeBody(secret, salt, parameters, 'yescrypt')
  return createHash('sha256').update(hmac(key, 'Client Key')).digest()
}

function computeBody(password: Buffer, salt: Buffer, parameters: Parameters, label: string): Buffer {
  const { r, p } = parameters
  const prehashed = hmac(label, password)
  const derived = pbkdf2Sync(prehashed, salt, 1, 128 * r * p, 'sha256')
  const bytes = new Uint8Array(derived) // aligned to words
  const blocks = new Int32Array(bytes.buffer)
  const secret = mixAll(blocks, parameters, Buffer.from(bytes.subarray(0, 32)))
  return pbkdf2Sync(secret, bytes, 1, 32, 'sha256')
}

function hmac(key: string | Uint8Array, data: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** How often blocks are read back: `all` times, of which `writing` times by the one part that owns them. */
function loopCounts({ N, p, t }: Parameters): { all: number; writing: number } {
  const part = Math.floor(N / p)
  const all = t === 0 ? Math.ceil(part / 3) : t === 1 ? Math.ceil((part * 2) / 3) : part * (t - 1)
  const writing = Math.floor(all / p)
  return { all: all + (all & 1), writing: writing + (writing & 1) }
}

/** SMix over all parts; gives the secret that the last step derives the key with. */
function mixAll(blocks: Int32Array, parameters: Parameters, secret: Buffer): Buffer {
  const { N, r, p } = parameters
  const size = 32 * r
  const memory = new Int32Array(size * N)
  const { all, writing } = loopCounts(parameters)
  const share = Math.floor(N / p) & ~1
  const forms: Pwxform[] = []
  let keyed = secret
  for (let part = 0; part < p; part += 1) {
    const block = blocks.subarray(part * size, (part + 1) * size)
    const count = part < p - 1 ? share : N - share * part
    const own = memory.subarray(share * part * size, (share * part + count) * size)
    const form = new Pwxform(fillTables(block))
    forms.push(form)
    if (part === 0) keyed = hmac(new Uint8Array(block.buffer, block.byteOffset + (size - 16) * 4, 64), secret)
    fillMemory(block, own, count, form)
    readBack(block, own, powerBelow(count), writing, form, true)
  }
  for (const [part, form] of forms.entries())
    readBack(blocks.subarray(part * size, (part + 1) * size), memory, N, all - writing, form, false)
  return keyed
}

/** The tables of a part, from the first 128 bytes of its block, which change with that: scrypt's own first loop. */
function fillTables(block: Int32Array): Int32Array {
  const tables = new Int32Array(TABLES_WORDS)
  const x = new Int32Array(32)
  shuffle(block, x, 32)
  for (let at = 0; at < TABLES_WORDS; at += 32) {
    tables.set(x, at)
    for (let index = 0; index < 16; index += 1) x[index] = (x[index] as number) ^ (x[index + 16] as number)
    salsa20(x, 0, 8)
    for (let index = 0; index < 16; index += 1)
      x[index + 16] = (x[index + 16] as number) ^ (x[index] as number)
    salsa20(x, 16, 8)
  }
  unshuffle(x, block, 32)
  return tables
}

/** SMix1: every block written, mixed with one written before. */
function fillMemory(block: Int32Array, memory: Int32Array, count: number, form: Pwxform): void {
  const size = block.length
  const x = new Int32Array(size)
  shuffle(block, x, size)
  for (let index = 0; index < count; index += 1) {
    memory.set(x, index * size)
    if (index > 1) {
      const power = powerBelow(index)
      const chosen = ((x[size - 16] as number) & (power - 1)) + (index - power)
      xorWith(x, memory, chosen * size)
    }
    form.mix(x, size)
  }
  unshuffle(x, block, size)
}

/** SMix2 over the first `count` blocks, a power of two. */
function readBack(
  block: Int32Array,
  memory: Int32Array,
  count: number,
  loops: number,
  form: Pwxform,
  writes: boolean,
): void {
  const size = block.length
  const x = new Int32Array(size)
  shuffle(block, x, size)
  for (let loop = 0; loop < loops; loop += 1) {
    const at = ((x[size - 16] as number) & (count - 1)) * size
    xorWith(x, memory, at)
    if (writes) memory.set(x, at)
    form.mix(x, size)
  }
  unshuffle(x, block, size)
}

function xorWith(x: Int32Array, memory: Int32Array, at: number): void {
  for (let index = 0; index < x.length; index += 1)
    x[index] = (x[index] as number) ^ (memory[at + index] as number)
}

function powerBelow(value: number): number {
  return 2 ** (31 - Math.clz32(value))
}
