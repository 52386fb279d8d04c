import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  SCGI_REQUEST_LIMITS,
  ScgiRequestDecoder,
  type ScgiRequestEvent,
} from '../../src/protocol/scgi/request-decoder.ts'
import { encodeRequest } from '../../src/protocol/scgi/request-encoder.ts'
import { ScgiError } from '../../src/protocol/scgi/scgi-error.ts'
import { joinPieces } from '../contract/feeds.ts'
import { request } from '../protocol/scgi/netstring.ts'
import { RUNS, cuts, cutSeeds, latin1, params } from './arbitraries.ts'

const LIMITS = { ...SCGI_REQUEST_LIMITS, headerBytes: 600, headerCount: 10 }

/** Requests, some of them with octets changed so that lengths lie, and bytes behind them. */
const requests = fc
  .record({
    length: fc.nat(9),
    vars: fc.array(fc.oneof(latin1(), fc.constantFrom('CONTENT_LENGTH', 'SCGI', '1', 'A')), {
      maxLength: 24,
    }),
    changes: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 44, 45, 48, 49, 58, 255)), { maxLength: 2 }),
    rest: fc.uint8Array({ maxLength: 10 }),
  })
  .map(({ length, vars, changes, rest }) => {
    const bytes = Buffer.concat([request(length, ...vars), rest])
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return bytes
  })

const input = fc.oneof(
  requests,
  fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets)),
)

const show = (event: ScgiRequestEvent) =>
  event.type === 'body' ? `body ${event.data.toString('latin1')}` : JSON.stringify(event)

function feed(decoder: ScgiRequestDecoder, chunks: readonly Buffer[], limit: number): string[] {
  const seen: string[] = []
  try {
    for (const chunk of chunks) {
      decoder.receive(chunk)
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) seen.push(show(event))
      expect(decoder.retainedBytes).toBeLessThanOrEqual(limit + 1)
    }
  } catch (error) {
    if (!(error instanceof ScgiError)) throw error
    seen.push(`throws ${error.code}`)
  }
  return joinPieces(seen, /^body /)
}

describe('SCGI, fuzzed', () => {
  it('parses or throws its own codes, the same however it is cut, within its limits', () => {
    fc.assert(
      fc.property(input, cutSeeds, (bytes, seeds) => {
        const whole = feed(new ScgiRequestDecoder(LIMITS), [bytes], LIMITS.headerBytes)
        expect(feed(new ScgiRequestDecoder(LIMITS), cuts(bytes, seeds), LIMITS.headerBytes)).toEqual(whole)
      }),
      { numRuns: RUNS },
    )
  })

  it('gives back each request that it wrote', () => {
    fc.assert(
      fc.property(params, fc.uint8Array({ maxLength: 100 }), cutSeeds, (list, octets, seeds) => {
        fc.pre(list.every((text) => !text.includes('\0')))
        fc.pre(list.every((name, i) => i % 2 === 1 || (name !== 'SCGI' && name !== 'CONTENT_LENGTH')))
        const body = Buffer.from(octets)
        const bytes = Buffer.concat([encodeRequest([...list, 'CONTENT_LENGTH', String(body.length)]), body])
        const vars = ['CONTENT_LENGTH', String(body.length), 'SCGI', '1', ...list]
        expect(feed(new ScgiRequestDecoder(), cuts(bytes, seeds), SCGI_REQUEST_LIMITS.headerBytes)).toEqual([
          JSON.stringify({ type: 'request', vars, bodyLength: body.length }),
          ...(body.length === 0 ? [] : [`body ${body.toString('latin1')}`]),
          JSON.stringify({ type: 'body end' }),
        ])
      }),
      { numRuns: RUNS },
    )
  })
})
