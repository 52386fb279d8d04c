/**
 * Name-value pairs (FastCGI specification, section 3.4): length of the name, length of the value, name, value.
 * A length below 128 is one octet; any other is four, the highest bit set, so 31 bits count.
 *
 * Rules of this file: pairs are flat lists, `name, value, name, value`, of Latin-1 strings. Each length is checked
 * against the octets that are really there, before anything is cut out (CVE-2025-23016 added two of them in 32 bits).
 */
import { NameMemory } from '../../util/name-memory.ts'
import { fourOctets, twoOctets } from './record.ts'

/** Text of the pairs. Characters above U+00FF are not Latin-1: their lower octet is what is sent. */
export function pairsText(pairs: readonly string[]): string {
  let text = ''
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = pairs[i] ?? ''
    const value = pairs[i + 1] ?? ''
    text = text + lengthsText(name.length, value.length) + name + value
  }
  return text
}

function lengthsText(name: number, value: number): string {
  return (name | value) < 128 ? twoOctets((name << 8) | value) : lengthText(name) + lengthText(value)
}

function lengthText(length: number): string {
  return length < 128 ? String.fromCharCode(length) : fourOctets((length | 0x80000000) >>> 0)
}

/** Shared by all connections: a front without keep-alive opens one for each request. */
const NAMES = new NameMemory()

/**
 * The pairs in `bytes` from `start` to `end`, or undefined when a length passes the end. Values are parts of one
 * string for the whole block: whoever keeps one keeps the block.
 */
export function decodePairs(bytes: Buffer, start: number, end: number): string[] | undefined {
  const text = bytes.toString('latin1', start, end)
  const pairs: string[] = []
  let at = start
  while (at < end) {
    let name = bytes[at++] ?? 0
    if (name > 127) {
      name = longLength(bytes, at - 1)
      at += 3
    }
    let value = bytes[at++] ?? 0
    if (value > 127) {
      value = longLength(bytes, at - 1)
      at += 3
    }
    const valueAt = at + name
    if (valueAt + value > end) return undefined
    pairs.push(nameAt(bytes, text, at, start, name), text.substring(valueAt - start, valueAt - start + value))
    at = valueAt + value
  }
  return pairs
}

function nameAt(bytes: Buffer, text: string, at: number, start: number, length: number): string {
  const known = NAMES.find(bytes, at, length)
  if (known !== undefined) return known
  NAMES.add(bytes, at, length)
  return text.substring(at - start, at - start + length)
}

/** 31 bits: at most 2147483647, and a sum of two stays exact. Bytes that are not there count as 0. */
function longLength(bytes: Buffer, at: number): number {
  const high = ((bytes[at] ?? 0) & 127) * 0x1000000
  return high + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
}
