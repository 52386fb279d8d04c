import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  UWSGI_REQUEST_LIMITS,
  UwsgiRequestDecoder,
  type UwsgiRequestEvent,
} from '../../src/protocol/uwsgi/request-decoder.ts'
import { encodeRequest } from '../../src/protocol/uwsgi/request-encoder.ts'
import { UwsgiError } from '../../src/protocol/uwsgi/uwsgi-error.ts'
import { joinPieces } from '../contract/feeds.ts'
import { block, packet } from '../protocol/uwsgi/packets.ts'
import { RUNS, cuts, cutSeeds, latin1, params } from './arbitraries.ts'

const LIMITS = { ...UWSGI_REQUEST_LIMITS, blockBytes: 600, varsCount: 10 }

const vars = fc.array(fc.oneof(latin1(), fc.constantFrom('CONTENT_LENGTH', '3', 'UWSGI_FILE', 'A')), {
  maxLength: 24,
})

/** Packets, some of them with octets changed so that sizes lie, and bytes behind them. */
const packets = fc
  .record({
    vars,
    modifier1: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(255) }),
    changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
    rest: fc.uint8Array({ maxLength: 10 }),
  })
  .map(({ vars, modifier1, changes, rest }) => {
    const bytes = Buffer.concat([packet(block(...vars), modifier1), rest])
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return bytes
  })

const input = fc.oneof(
  packets,
  fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets)),
)

const show = (event: UwsgiRequestEvent) =>
  event.type === 'body' ? `body ${event.data.toString('latin1')}` : JSON.stringify(event)

function feed(decoder: UwsgiRequestDecoder, chunks: readonly Buffer[], limit: number): string[] {
  const seen: string[] = []
  try {
    for (const chunk of chunks) {
      decoder.receive(chunk)
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) seen.push(show(event))
      expect(decoder.retainedBytes).toBeLessThanOrEqual(limit)
    }
  } catch (error) {
    if (!(error instanceof UwsgiError)) throw error
    seen.push(`throws ${error.code}`)
  }
  return joinPieces(seen, /^body /)
}

describe('uwsgi, fuzzed', () => {
  it('parses or throws its own codes, the same however it is cut, within its limits', () => {
    fc.assert(
      fc.property(input, cutSeeds, (bytes, seeds) => {
        const whole = feed(new UwsgiRequestDecoder(LIMITS), [bytes], LIMITS.blockBytes)
        expect(feed(new UwsgiRequestDecoder(LIMITS), cuts(bytes, seeds), LIMITS.blockBytes)).toEqual(whole)
      }),
      { numRuns: RUNS },
    )
  })

  it('gives back each request that it wrote', () => {
    fc.assert(
      fc.property(
        params,
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(255),
        cutSeeds,
        (list, octets, modifier2, seeds) => {
          fc.pre(list.length > 0)
          const body = Buffer.from(octets)
          const vars = [...list, 'CONTENT_LENGTH', String(body.length)]
          const bytes = Buffer.concat([encodeRequest(vars, 0, modifier2), body])
          expect(feed(new UwsgiRequestDecoder(), cuts(bytes, seeds), 65535)).toEqual([
            JSON.stringify({ type: 'request', modifier1: 0, modifier2, vars, bodyLength: body.length }),
            ...(body.length === 0 ? [] : [`body ${body.toString('latin1')}`]),
            JSON.stringify({ type: 'body end' }),
          ])
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('writes no packet whose size does not fit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 4 }),
        (lengths) => {
          const vars = lengths.flatMap((length) => ['N', 'x'.repeat(length)])
          const size = lengths.reduce((sum, length) => sum + 5 + length, 0)
          let written: Buffer | undefined
          try {
            written = encodeRequest(vars)
          } catch (error) {
            if (!(error instanceof UwsgiError)) throw error
            expect([error.code, size > 65535]).toEqual(['UWSGI_REQUEST_TOO_LARGE', true])
          }
          if (written !== undefined)
            expect([written.length, written.readUInt16LE(1)]).toEqual([size + 4, size])
        },
      ),
      { numRuns: 100 },
    )
  })
})
