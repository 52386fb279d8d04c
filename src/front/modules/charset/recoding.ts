/** Bytes of one charset as bytes of another, piece by piece (ngx_http_charset_filter_module). */

export interface Recoding {
  /** Whether the number of bytes may change. */
  readonly changesLength: boolean
  /** A recoder for one body: it remembers a character that a piece cuts in two. */
  begin(): (chunk: Buffer) => Buffer
}

/** A single byte for each byte. */
export function singleByteRecoding(table: Uint8Array): Recoding {
  const recode = (chunk: Buffer): Buffer => {
    const out = Buffer.allocUnsafe(chunk.length)
    for (let index = 0; index < chunk.length; index += 1) out[index] = table[chunk[index] as number] as number
    return out
  }
  return { changesLength: false, begin: () => recode }
}

/** `table` holds the UTF-8 bytes of each byte. */
export function recodingToUtf8(table: readonly Buffer[]): Recoding {
  const recode = (chunk: Buffer): Buffer => {
    // what has no byte to become longer passes as it is, unknown bytes included (nginx)
    const first = chunk.findIndex((byte) => table[byte]?.length !== 1)
    if (first < 0) return chunk
    let length = 0
    for (const byte of chunk) length += table[byte]?.length ?? 0
    const out = Buffer.allocUnsafe(length)
    let at = 0
    for (const byte of chunk) {
      const bytes = table[byte] as Buffer
      out.set(bytes, at)
      at += bytes.length
    }
    return out
  }
  return { changesLength: true, begin: () => recode }
}

/** `table` holds the byte of each code point; others become character references. */
export function recodingFromUtf8(table: ReadonlyMap<number, number>): Recoding {
  return {
    changesLength: true,
    begin: () => {
      let held: Buffer = Buffer.alloc(0)
      return (chunk) => {
        const text = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
        const { out, end } = decodeUtf8(text, table)
        held = text.subarray(end)
        return Buffer.from(out, 'latin1')
      }
    },
  }
}

/** Up to a character that is not whole. */
function decodeUtf8(
  text: Buffer,
  table: ReadonlyMap<number, number>,
): { readonly out: string; readonly end: number } {
  let out = ''
  let at = 0
  while (at < text.length) {
    const first = text[at] as number
    if (first < 0x80) {
      out += String.fromCharCode(first)
      at += 1
      continue
    }
    const length = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1 // prettier-ignore
    if (length === 1) {
      out += '?'
      at += 1
      continue
    }
    if (at + length > text.length && continues(text, at + 1, text.length)) break
    const end = lastContinued(text, at + 1, at + length)
    out += end === at + length ? character(text, at, length, table) : '?'
    at = Math.max(end, at + 1)
  }
  return { out, end: at }
}

function continues(text: Buffer, from: number, end: number): boolean {
  return lastContinued(text, from, end) === end
}

/** Behind the last of the continuation bytes from there on. */
function lastContinued(text: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && at < text.length && (text[at] as number) >= 0x80) at += 1
  return at
}

/** Smallest code point of each length: shorter ones are written too long. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x1_0000]
const LARGEST = 0x10_ffff

function character(text: Buffer, at: number, length: number, table: ReadonlyMap<number, number>): string {
  let code = (text[at] as number) & (0xff >> (length + 1))
  for (let index = 1; index < length; index += 1) code = (code << 6) | ((text[at + index] as number) & 0x3f)
  if (code < (SMALLEST[length] ?? 0) || code > LARGEST) return '?'
  const byte = table.get(code)
  return byte === undefined || byte === 0 ? `&#${code};` : String.fromCharCode(byte)
}
