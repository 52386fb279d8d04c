/** The filter of `gzip`: codes what has come, when it is this response's turn, and holds little of it meanwhile. */
import { gzipSync } from 'node:zlib'
import { codingTurns, type Coder } from './coding-turns.ts'
import { GzipMember } from './gzip-member.ts'
import type { Request } from './request.ts'
import {
  HELD_BY_CODING,
  holdWriter,
  letWriterGoOn,
  type BodySink,
  type HoldingSink,
} from './response-output.ts'

/** Largest body that is coded without leaving the call, and most that is coded in one turn, bytes. */
const MAX_PIECE_BYTES = 64 * 1024
/** With so much to code the writer waits, bytes: smaller pieces cost more time and come out longer. */
const ENOUGH_BYTES = 32 * 1024

export class GzipSink implements HoldingSink, Coder {
  readonly #request: Request
  readonly #level: number
  readonly #next: BodySink
  #member: GzipMember | undefined
  #pending: Buffer[] = []
  #pendingBytes = 0
  #ended = false
  /** Its turn is asked for. */
  #queued = false
  /** What is behind takes no more for now. */
  #blocked = false
  /** All is coded, or nobody takes it. */
  #over = false
  bytesIn = 0
  bytesOut = 0

  constructor(request: Request, level: number, next: BodySink) {
    this.#request = request
    this.#level = level
    this.#next = next
    request.addHolder(this)
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (this.#over) return true
    this.bytesIn += chunk.length
    if (last && !this.#member && chunk.length <= MAX_PIECE_BYTES) return this.#codeWhole(chunk)
    this.#member ??= this.#begin()
    if (chunk.length > 0) this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    this.#ended ||= last
    this.#askForTurn()
    if (last || this.#pendingBytes < ENOUGH_BYTES) return true
    holdWriter(this.#request, HELD_BY_CODING)
    return false
  }

  #codeWhole(body: Buffer): boolean {
    const coded = gzipSync(body, { level: this.#level })
    this.bytesOut += coded.length
    return this.#next.write(coded, true)
  }

  #begin(): GzipMember {
    this.#request.onceOver(() => this.#drop())
    return new GzipMember(this.#level)
  }

  onRoom(): void {
    this.#blocked = false
    this.#askForTurn()
  }

  #askForTurn(): void {
    if (this.#over || this.#queued || this.#blocked || (this.#pendingBytes === 0 && !this.#ended)) return
    this.#queued = true
    codingTurns.ask(this)
  }

  codePiece(): void {
    this.#queued = false
    const request = this.#request
    const member = this.#member
    if (!member || this.#over || this.#blocked) return
    try {
      const piece = this.#takePiece()
      const last = this.#ended && this.#pendingBytes === 0
      const coded = member.code(piece, last)
      this.bytesOut += coded.length
      if (last) this.#drop()
      this.#blocked = !this.#next.write(coded, last)
      if (this.#pendingBytes < ENOUGH_BYTES) letWriterGoOn(request, HELD_BY_CODING, this)
      this.#askForTurn()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** All that has come, if that is not more than one turn's. */
  #takePiece(): Buffer {
    const [first] = this.#pending
    const all = first && this.#pending.length === 1 ? first : Buffer.concat(this.#pending)
    const piece = all.subarray(0, MAX_PIECE_BYTES)
    this.#pendingBytes -= piece.length
    this.#pending = this.#pendingBytes > 0 ? [all.subarray(piece.length)] : []
    return piece
  }

  /** The response is whole, or its client is gone: nothing is held for it any more, and nothing coded. */
  #drop(): void {
    this.#over = true
    this.#member = undefined
    this.#pending = []
    this.#pendingBytes = 0
  }

  #fail(error: unknown): void {
    const request = this.#request
    this.#drop()
    if (request.finished) return
    const reason = error instanceof Error ? error.message : String(error)
    request.location.settings.errorLog.request('error', request, `body could not be coded: ${reason}`)
    request.connection.abort()
  }
}
