/** What `charset_map` blocks say, as tables in both directions. */
import { ConfigError } from '../../../config/config-error.ts'
import type { ListDirective, ParseContext } from '../../../config/directive.ts'
import type { Statement } from '../../../config/ast.ts'
import { recodingFromUtf8, recodingToUtf8, singleByteRecoding, type Recoding } from './recoding.ts'

/** Longest UTF-8 of one character that a table may give. */
const MAX_UTF8 = 4
const QUESTION = 63

interface CharsetMap {
  readonly from: string
  readonly to: string
  readonly forward: Recoding
  readonly backward: Recoding
}

export const charsetMap: ListDirective<CharsetMap> = {
  kind: 'list',
  name: 'charset_map',
  contexts: ['http'],
  args: 2,
  entries: true,
  syntax: 'charset1 charset2 { ... }',
  doc: 'A table of characters in two charsets, by their codes in hexadecimal; utf-8 only as the second.',
  parse: ([first, second], at) => {
    const from = first?.text ?? ''
    const to = second?.text ?? ''
    if (isSameCharset(from, to)) at.fail(`"charset_map" between the same charsets "${from}" and "${to}"`)
    if (isUtf8(from)) at.fail('"charset_map" with "utf-8" charset should be given in the second column')
    const entries = at.statement.block ?? []
    const tables = isUtf8(to) ? utf8Tables(entries, at) : byteTables(entries, at)
    return { from, to, ...tables }
  },
}

export function isSameCharset(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function isUtf8(name: string): boolean {
  return isSameCharset(name, 'utf-8')
}

type Tables = Pick<CharsetMap, 'forward' | 'backward'>

function readByte(text: string, whole: string, at: ParseContext, entry: Statement): number {
  const value = /^[0-9a-fA-F]+$/.test(text) ? parseInt(text, 16) : 256
  return value > 255 ? at.fail(`invalid value "${whole}"`, entry) : value
}

function valueOf(entry: Statement, at: ParseContext): string {
  const [value, ...more] = entry.args
  return value && more.length === 0 ? value.text : at.fail('invalid parameters number', entry)
}

function byteTables(entries: readonly Statement[], at: ParseContext): Tables {
  const forward = new Uint8Array(256).fill(QUESTION)
  const backward = new Uint8Array(256).fill(QUESTION)
  for (let code = 0; code < 128; code += 1) forward[code] = backward[code] = code
  for (const entry of entries) {
    const value = valueOf(entry, at)
    const from = readByte(entry.name, entry.name, at, entry)
    const to = readByte(value, value, at, entry)
    forward[from] = to
    backward[to] = from
  }
  return { forward: singleByteRecoding(forward), backward: singleByteRecoding(backward) }
}

function utf8Tables(entries: readonly Statement[], at: ParseContext): Tables {
  const forward = Array.from({ length: 256 }, (_, code) => Buffer.from([code < 128 ? code : QUESTION]))
  const backward = new Map<number, number>()
  for (let code = 0; code < 128; code += 1) backward.set(code, code)
  for (const entry of entries) {
    const value = valueOf(entry, at)
    const from = readByte(entry.name, entry.name, at, entry)
    if (Math.floor(value.length / 2) > MAX_UTF8 - 1) at.fail(`invalid value "${value}"`, entry)
    const bytes = Buffer.from((value.match(/..?/g) ?? []).map((pair) => readByte(pair, value, at, entry)))
    const code = bytes.toString('utf8').codePointAt(0)
    if (code === undefined || code === 0xfffd || code > 0xffff)
      return at.fail(`invalid value "${value}"`, entry)
    forward[from] = bytes
    backward.set(code, from)
  }
  return { forward: recodingToUtf8(forward), backward: recodingFromUtf8(backward) }
}

/** All maps of a conf, by the two charsets. */
export class CharsetMaps {
  readonly #recodings = new Map<string, Recoding>()

  add({ from, to, forward, backward }: CharsetMap, at: Statement): void {
    if (this.find(from, to))
      throw new ConfigError(`duplicate "charset_map" between "${from}" and "${to}"`, at)
    this.#recodings.set(keyOf(from, to), forward)
    this.#recodings.set(keyOf(to, from), backward)
  }

  get empty(): boolean {
    return this.#recodings.size === 0
  }

  find(from: string, to: string): Recoding | undefined {
    return this.#recodings.get(keyOf(from, to))
  }
}

function keyOf(from: string, to: string): string {
  return `${from.toLowerCase()} ${to.toLowerCase()}`
}
