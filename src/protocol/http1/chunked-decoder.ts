/**
 * Chunked coding, strict whatever the rules for heads are: line ends are CRLF, sizes are hexadecimal digits and
 * nothing else. Data comes out as views of what was received, nothing is copied.
 */
import { HeaderTable } from '../../http/header-table.ts'
import { hexDigit, parseChunkLine } from './chunk-line.ts'
import type { FieldLimits } from './field-section.ts'
import { FieldSection } from './field-section.ts'
import { FORBIDDEN_TRAILERS } from './forbidden-trailers.ts'
import { Http1Error } from './http1-error.ts'
import type { Inbox } from './inbox.ts'
import { NEED_DATA, OVER_LIMIT } from './inbox.ts'
import type { SideErrors } from './side-errors.ts'

const LF = 10
const CR = 13

/** Most bytes of one size line, unless lines of heads are shorter still. */
const MAX_CHUNK_LINE = 4096
/**
 * Most bytes of extensions that no data pays for. Signed uploads carry some 80 bytes for each chunk of 64 KiB and
 * never get near; one-byte chunks with long extensions (CVE-2024-22019, CVE-2023-39326) do.
 */
const MAX_OVERHEAD = 16_384

const SIZE = 0
const DATA = 1
const DATA_END = 2
const TRAILER = 3
const DONE = 4

export class ChunkedDecoder {
  readonly #limits: FieldLimits
  readonly #errors: SideErrors
  #state = SIZE
  /** Bytes of the current chunk not given out yet. */
  #left = 0
  #overhead = 0
  #trailers: HeaderTable | undefined
  #section: FieldSection | undefined

  constructor(limits: FieldLimits, errors: SideErrors) {
    this.#limits = { ...limits, strict: true }
    this.#errors = errors
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** Undefined when the body had none. */
  get trailers(): HeaderTable | undefined {
    return this.#trailers
  }

  /** The next piece of data; undefined when it is done or needs more bytes. */
  next(inbox: Inbox): Buffer | undefined {
    while (this.#state !== DONE) {
      if (this.#state === DATA) {
        const data = this.#data(inbox)
        if (data !== undefined) return data
      } else if (this.#step(inbox)) continue
      if (this.#state !== DONE && !inbox.more()) return undefined
    }
    return undefined
  }

  /** Whether the state advanced. */
  #step(inbox: Inbox): boolean {
    if (this.#state === SIZE) return this.#sizeLine(inbox)
    if (this.#state === DATA_END) return this.#dataEnd(inbox)
    return this.#trailerSection(inbox)
  }

  #data(inbox: Inbox): Buffer | undefined {
    const start = inbox.position
    const end = Math.min(inbox.bytes.length, start + this.#left)
    if (end === start) return undefined
    inbox.position = end
    this.#left -= end - start
    if (this.#left === 0) this.#state = DATA_END
    return inbox.bytes.subarray(start, end)
  }

  #sizeLine(inbox: Inbox): boolean {
    const size = this.#plainSize(inbox)
    if (size >= 0) {
      this.#beginChunk(size, 0)
      return true
    }
    const end = inbox.lineEnd(Math.min(MAX_CHUNK_LINE, this.#limits.lineBytes))
    if (end === NEED_DATA) return false
    if (end === OVER_LIMIT) throw new Http1Error(this.#errors.chunkOverhead)
    const line = inbox.text(inbox.position, end)
    const parsed = line.endsWith('\r') ? parseChunkLine(line.slice(0, -1)) : -1
    if (parsed < 0) throw new Http1Error(this.#errors.chunked, line)
    inbox.position = end + 1
    this.#beginChunk(parsed, line.length)
    return true
  }

  /** Size of a line of a few digits and CRLF, which it consumes; -1 to have the line read with care. */
  #plainSize(inbox: Inbox): number {
    const bytes = inbox.bytes
    const last = Math.min(bytes.length - 1, inbox.position + 8)
    let size = 0
    for (let at = inbox.position; at < last; at++) {
      const code = bytes[at]!
      const digit = hexDigit(code)
      if (digit >= 0) size = size * 16 + digit
      else if (code === CR && bytes[at + 1] === LF && at > inbox.position) {
        inbox.position = at + 2
        inbox.searched = 0
        return size
      } else return -1
    }
    return -1
  }

  #beginChunk(size: number, overhead: number): void {
    this.#overhead = Math.max(0, this.#overhead + overhead - size)
    if (this.#overhead > MAX_OVERHEAD) throw new Http1Error(this.#errors.chunkOverhead)
    this.#left = size
    this.#state = size === 0 ? TRAILER : DATA
  }

  #dataEnd(inbox: Inbox): boolean {
    const bytes = inbox.bytes
    const at = inbox.position
    if (at < bytes.length && bytes[at] !== CR) throw new Http1Error(this.#errors.chunked)
    if (at + 1 >= bytes.length) return false
    if (bytes[at + 1] !== LF) throw new Http1Error(this.#errors.chunked)
    inbox.position = at + 2
    this.#state = SIZE
    return true
  }

  #trailerSection(inbox: Inbox): boolean {
    if (this.#section === undefined) {
      const { bytes, position } = inbox
      if (position === bytes.length) return false
      if (bytes[position] === CR) {
        if (position + 1 === bytes.length) return false
        if (bytes[position + 1] === LF) {
          inbox.position += 2
          this.#state = DONE
          return true
        }
      }
      this.#trailers = new HeaderTable()
      this.#section = new FieldSection(this.#trailers, this.#limits, this.#errors)
    }
    if (!this.#section.read(inbox)) return false
    for (const name of this.#trailers?.names ?? []) {
      if (FORBIDDEN_TRAILERS.has(name)) throw new Http1Error(this.#errors.trailer, name)
    }
    this.#state = DONE
    return true
  }
}
