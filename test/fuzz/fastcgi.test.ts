import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FastcgiError } from '../../src/protocol/fastcgi/fastcgi-error.ts'
import { encodeRequest, encodeStdin, encodeStdinEnd } from '../../src/protocol/fastcgi/request-encoder.ts'
import {
  FastcgiRequestDecoder,
  type FastcgiRequestEvent,
  type FastcgiRequestLimits,
} from '../../src/protocol/fastcgi/request-decoder.ts'
import {
  FastcgiResponseDecoder,
  type FastcgiResponseEvent,
} from '../../src/protocol/fastcgi/response-decoder.ts'
import {
  encodeResponse,
  encodeStderr,
  encodeStdout,
  endText,
  stdoutText,
} from '../../src/protocol/fastcgi/response-encoder.ts'
import { joinPieces } from '../contract/feeds.ts'
import { pair, record } from '../protocol/fastcgi/records.ts'
import { RUNS, cuts, cutSeeds, latin1, params } from './arbitraries.ts'

const LIMITS: FastcgiRequestLimits = {
  paramsBytes: 400,
  pendingParamsBytes: 600,
  paramsCount: 20,
  requests: 2,
  recordBytes: 3000,
}
/** Twice the params that may be pending, since buffers grow by doubling, one first buffer each, and a small record. */
const MAX_RETAINED = 2 * LIMITS.pendingParamsBytes + LIMITS.requests * 1024 + 2 * 1024 + 8

const content = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constant(Buffer.from([0, 1, 1, 0, 0, 0, 0, 0])),
  fc
    .array(fc.tuple(latin1(), latin1(), fc.boolean()), { maxLength: 4 })
    .map((pairs) => Buffer.concat(pairs.map(([name, value, long]) => pair(name, value, long)))),
  fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets)),
)

/** Records as a peer might send them, most of them in an order that means something, some of them broken. */
const records = fc
  .array(
    fc.record({
      type: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(1, 2, 4, 5, 6, 7, 3) },
        { weight: 1, arbitrary: fc.nat(255) },
      ),
      id: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(1, 2) },
        { weight: 1, arbitrary: fc.constantFrom(0, 3, 65535) },
      ),
      content,
      padding: fc.constantFrom(0, 0, 1, 7, 255),
      version: fc.oneof({ weight: 60, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(255) }),
    }),
    { maxLength: 14 },
  )
  .map((list) =>
    Buffer.concat(list.map((one) => record(one.type, one.id, one.content, one.padding, one.version))),
  )

/** The same with some octets changed, so that lengths lie. */
const broken = fc
  .tuple(records, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([bytes, changes]) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of changes) if (changed.length > 0) changed[at % changed.length] = value
    return changed
  })

const input = fc.oneof(
  records,
  broken,
  fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
)

interface Fed<Event> {
  receive(bytes: Buffer): void
  next(): Event | undefined
  readonly retainedBytes: number
}

/** Feeds everything; each event as text, last the code of what was thrown. Anything but our own error escapes. */
function feed<Event>(
  decoder: Fed<Event>,
  chunks: readonly Buffer[],
  show: (event: Event) => string,
  limit: number,
): string[] {
  const seen: string[] = []
  try {
    for (const chunk of chunks) {
      decoder.receive(chunk)
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) seen.push(show(event))
      expect(decoder.retainedBytes).toBeLessThanOrEqual(limit)
    }
  } catch (error) {
    if (!(error instanceof FastcgiError)) throw error
    seen.push(`throws ${error.code}`)
  }
  return seen
}

const showRequest = (event: FastcgiRequestEvent) =>
  event.type === 'stdin' ? `stdin ${event.id} ${event.data.toString('latin1')}` : JSON.stringify(event)
const showResponse = (event: FastcgiResponseEvent) =>
  'data' in event ? `${event.type} ${event.id} ${event.data.toString('latin1')}` : JSON.stringify(event)

describe('FastCGI, fuzzed', () => {
  it('requests: parses or throws its own codes, the same however it is cut, within its limits', () => {
    fc.assert(
      fc.property(input, cutSeeds, (bytes, seeds) => {
        const whole = feed(new FastcgiRequestDecoder(LIMITS), [bytes], showRequest, MAX_RETAINED)
        const cut = feed(new FastcgiRequestDecoder(LIMITS), cuts(bytes, seeds), showRequest, MAX_RETAINED)
        expect(joinPieces(cut, /^stdin \d+ /)).toEqual(joinPieces(whole, /^stdin \d+ /))
      }),
      { numRuns: RUNS },
    )
  })

  it('responses: parses or throws its own codes, the same however it is cut, within its limits', () => {
    const decoder = () => {
      const made = new FastcgiResponseDecoder({ recordBytes: 3000 })
      made.open(1)
      made.open(2)
      return made
    }
    fc.assert(
      fc.property(input, cutSeeds, (bytes, seeds) => {
        const whole = feed(decoder(), [bytes], showResponse, 2 * 1024 + 8)
        const cut = feed(decoder(), cuts(bytes, seeds), showResponse, 2 * 1024 + 8)
        expect(joinPieces(cut, /^std(out|err) \d+ /)).toEqual(joinPieces(whole, /^std(out|err) \d+ /))
      }),
      { numRuns: RUNS },
    )
  })

  it('gives back each request that it wrote', () => {
    const request = fc.record({
      id: fc.integer({ min: 1, max: 65535 }),
      role: fc.integer({ min: 1, max: 3 }),
      keep: fc.boolean(),
      params,
      body: fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(request, cutSeeds, ({ id, role, keep, params, body }, seeds) => {
        const bytes = Buffer.concat([
          encodeRequest(id, role, keep, params),
          ...body.map((chunk) => encodeStdin(id, chunk)),
          encodeStdinEnd(id),
        ])
        const seen = joinPieces(
          feed(new FastcgiRequestDecoder(), cuts(bytes, seeds), showRequest, 1 << 20),
          /^stdin \d+ /,
        )
        expect(seen).toEqual([
          JSON.stringify({ type: 'begin', id, role, keepConnection: keep }),
          JSON.stringify({ type: 'params', id, params }),
          ...(body.length === 0 ? [] : [`stdin ${id} ${Buffer.concat(body).toString('latin1')}`]),
          JSON.stringify({ type: 'stdin end', id }),
        ])
      }),
      { numRuns: RUNS },
    )
  })

  it('gives back each response that it wrote, in one piece or in several', () => {
    const response = fc.record({
      id: fc.integer({ min: 1, max: 65535 }),
      head: latin1().filter((text) => text !== ''),
      body: fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
      log: latin1(),
    })
    fc.assert(
      fc.property(response, cutSeeds, ({ id, head, body, log }, seeds) => {
        const pieces = Buffer.concat([
          Buffer.from(stdoutText(id, head), 'latin1'),
          encodeStdout(id, body),
          Buffer.from(endText(id), 'latin1'),
        ])
        for (const bytes of [
          encodeResponse(id, head, body),
          pieces,
          Buffer.concat([encodeStderr(id, Buffer.from(log, 'latin1')), pieces]),
        ]) {
          const decoder = new FastcgiResponseDecoder()
          decoder.open(id)
          const seen = joinPieces(
            feed(decoder, cuts(bytes, seeds), showResponse, 1 << 20),
            /^std(out|err) \d+ /,
          )
          expect(seen.slice(seen[0]?.startsWith('stderr') === true ? 1 : 0)).toEqual([
            `stdout ${id} ${head}${body.toString('latin1')}`,
            JSON.stringify({ type: 'end', id, appStatus: 0, protocolStatus: 0 }),
          ])
        }
      }),
      { numRuns: RUNS },
    )
  })
})
