/** Runs a decoder over bytes that are cut in some way and writes down what it gives. */
import type { HeaderTable } from '../../../src/http/header-table.ts'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import type { RequestLimits } from '../../../src/protocol/http1/message.ts'
import { RequestDecoder } from '../../../src/protocol/http1/request-decoder.ts'

export const LIMITS: RequestLimits = {
  lineBytes: 8192,
  headBytes: 32_768,
  maxHeaders: 1000,
  underscores: false,
  ignoreInvalid: true,
  strict: false,
}
export const STRICT: RequestLimits = { ...LIMITS, strict: true }

export interface Exchange {
  method: string
  target: string
  version: number
  headers: string[]
  body: string
  /** The body has ended. */
  complete: boolean
  keepAlive: boolean
  host: string
  trailers?: string[]
}

export interface Outcome {
  requests: Exchange[]
  /** Code of the error that ended it. */
  error?: string
  /** Bytes left over, and whether a message was under way. */
  rest: number
  between: boolean
}

export function pairs(table: HeaderTable): string[] {
  return table.rawNames.map((name, i) => `${name}: ${table.values[i] ?? ''}`)
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** Feeds the pieces one after the other, taking out all that is there after each. */
export function decodeRequests(pieces: readonly Buffer[], limits: RequestLimits = LIMITS): Outcome {
  const decoder = new RequestDecoder(limits)
  const requests: Exchange[] = []
  const outcome: Outcome = { requests, rest: 0, between: false }
  // one buffer for all reads, as a server has it: whoever keeps a view of it beyond its time is found out
  const shared = Buffer.alloc(Math.max(1, ...pieces.map((piece) => piece.length)))
  try {
    for (const piece of pieces) {
      piece.copy(shared)
      decoder.receive(shared.subarray(0, piece.length))
      drain(decoder, requests)
      shared.fill(0xee)
    }
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    outcome.error = error.code
    return outcome
  }
  outcome.rest = decoder.buffered
  outcome.between = decoder.isBetweenRequests
  return outcome
}

function drain(decoder: RequestDecoder, requests: Exchange[]): void {
  for (;;) {
    if (decoder.bodyDone) {
      const head = decoder.nextHead()
      if (head === undefined) return
      const { method, target, version, keepAlive, host } = head
      requests.push({
        method,
        target,
        version,
        headers: pairs(head.headers),
        body: '',
        complete: false,
        keepAlive,
        host,
      })
    }
    const current = requests.at(-1)
    let data = decoder.nextBody()
    for (; data !== undefined; data = decoder.nextBody()) {
      if (current !== undefined) current.body += data.toString('latin1')
    }
    if (!decoder.bodyDone) return
    if (current !== undefined) current.complete = true
    if (decoder.trailers !== undefined && current !== undefined) current.trailers = pairs(decoder.trailers)
  }
}

/** The ways every case is cut: whole, byte by byte, and in two at each position. */
export function cuts(bytes: Buffer): Buffer[][] {
  const ways = [[bytes], Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))]
  const step = Math.max(1, Math.floor(bytes.length / 400))
  for (let i = 1; i < bytes.length; i += step) ways.push([bytes.subarray(0, i), bytes.subarray(i)])
  return ways
}
