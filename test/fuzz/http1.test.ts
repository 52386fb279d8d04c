/**
 * The decoders take any bytes: they give messages or throw Http1Error, the same however the bytes are cut, and never
 * hold more than their limits. decodeRequests() lets every other error through, which fails the property.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Http1Error } from '../../src/protocol/http1/http1-error.ts'
import { RequestDecoder } from '../../src/protocol/http1/request-decoder.ts'
import { encodeRequestHead } from '../../src/protocol/http1/request-encoder.ts'
import { ResponseDecoder } from '../../src/protocol/http1/response-decoder.ts'
import { encodeResponseHead } from '../../src/protocol/http1/response-encoder.ts'
import { bytesOf, decodeRequests, LIMITS, pairs, STRICT } from '../protocol/http1/feed.ts'
import { connections } from './http1-requests.ts'

const RUNS = { numRuns: 4000 }

/** Cuts bytes at pseudo-random places. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    cut.push(bytes.subarray(at, at + size))
    at += size
  }
  return cut
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })

describe('requests', () => {
  test('come out the same however they are cut', () => {
    fc.assert(
      fc.property(connections, sizes, fc.boolean(), (text, sizes, strict) => {
        const bytes = bytesOf(text)
        const limits = strict ? STRICT : LIMITS
        const whole = decodeRequests([bytes], limits)
        expect(decodeRequests(pieces(bytes, [1]), limits)).toEqual(whole)
        expect(decodeRequests(pieces(bytes, sizes), limits)).toEqual(whole)
      }),
      RUNS,
    )
  })

  test('strict rules take nothing that the others do not, and mean the same by it', () => {
    fc.assert(
      fc.property(connections, (text) => {
        const strict = decodeRequests([bytesOf(text)], STRICT)
        const lenient = decodeRequests([bytesOf(text)], LIMITS)
        // an invalid name that strict rules refuse is left out otherwise: compare what strict rules took
        expect(
          lenient.requests.slice(0, strict.requests.length).map((r) => ({ ...r, body: '', trailers: [] })),
        ).toEqual(strict.requests.map((r) => ({ ...r, body: '', trailers: [] })))
        if (strict.error === undefined) expect(lenient).toEqual(strict)
      }),
      RUNS,
    )
  })

  test('take no more memory than the limits say', () => {
    const limits = { ...LIMITS, lineBytes: 64, headBytes: 200, maxHeaders: 8 }
    fc.assert(
      fc.property(connections, fc.integer({ min: 1, max: 40 }), (text, size) => {
        const decoder = new RequestDecoder(limits)
        try {
          for (const piece of pieces(bytesOf(text.repeat(3)), [size])) {
            decoder.receive(piece)
            for (;;) {
              if (decoder.bodyDone) {
                const head = decoder.nextHead()
                if (head === undefined) break
                expect(head.headLength).toBeLessThanOrEqual(limits.headBytes)
                expect(head.headers.size).toBeLessThanOrEqual(limits.maxHeaders)
              }
              while (decoder.nextBody() !== undefined);
              if (!decoder.bodyDone) break
            }
            // what is kept while it waits for more is part of a line: of a head, of a chunk's size or of a trailer
            expect(decoder.buffered).toBeLessThan(limits.lineBytes)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Http1Error)
        }
      }),
      RUNS,
    )
  })
})

// mostly what is fine, so that most of it gets through
const char = fc.oneof(
  { weight: 60, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom('\r', '\n', '\0', '\x01', '\t', '\xe9', '\u010d') },
)
const text = fc.string({ unit: char })
const path = text.map((value) => value.replaceAll(' ', ''))
const header = fc.tuple(fc.constantFrom('A', 'b-c', 'X-Y'), text)

describe('what is encoded', () => {
  test('decodes to the same request, or is refused', () => {
    let same = 0
    fc.assert(
      fc.property(fc.array(header, { maxLength: 4 }), path, (headers, target) => {
        const encoded = attempt(() =>
          encodeRequestHead('GET', `/${target}`, '1.1', ['Host', 'h', ...headers.flat()]),
        )
        if (encoded === undefined) return
        const outcome = decodeRequests([bytesOf(`${encoded}GET /next HTTP/1.1\r\nHost: h\r\n\r\n`)])
        // other controls than CR, LF and NUL may be sent, and are not taken
        if (outcome.error === 'invalid_header') return
        expect(outcome.error).toBeUndefined()
        expect(outcome.requests).toHaveLength(2)
        expect(outcome.requests[0]).toMatchObject({ target: `/${target}`, body: '' })
        expect(outcome.requests[0]?.headers).toEqual(['Host: h', ...lines(headers)])
        same++
      }),
      RUNS,
    )
    expect(same).toBeGreaterThan(RUNS.numRuns / 2)
  })

  test('decodes to the same response, or is refused', () => {
    let same = 0
    fc.assert(
      fc.property(
        fc.array(header, { maxLength: 4 }),
        fc.integer({ min: 200, max: 599 }),
        (headers, status) => {
          const encoded = attempt(() =>
            encodeResponseHead(status, '', ['Content-Length', '0', ...headers.flat()]),
          )
          if (encoded === undefined) return
          const decoder = new ResponseDecoder({ headBytes: 8192, maxHeaders: 100 })
          decoder.begin('GET')
          decoder.receive(bytesOf(encoded))
          const head = attempt(() => decoder.nextHead())
          if (head === undefined) return
          expect(head.status).toBe(status)
          expect(pairs(head.headers)).toEqual(['Content-Length: 0', ...lines(headers)])
          expect(decoder.reusable).toBe(true)
          same++
        },
      ),
      RUNS,
    )
    expect(same).toBeGreaterThan(RUNS.numRuns / 2)
  })
})

test('responses: any bytes give a response or an error of the upstream', () => {
  const start = fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.0 404\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 304 x\n',
    'HTTP',
    '',
  )
  const responses = fc
    .tuple(
      start,
      connections.map((text) => text.replace(/^[^\n]*\n/, '')),
    )
    .map((parts) => parts.join(''))
  const run = (cut: readonly Buffer[], method: string) => {
    const decoder = new ResponseDecoder({ headBytes: 500, maxHeaders: 20 })
    decoder.begin(method)
    const seen: unknown[] = []
    let given = ''
    try {
      for (const piece of cut) {
        decoder.receive(Buffer.from(piece))
        const head = seen.length === 0 ? decoder.nextHead() : undefined
        if (head !== undefined) seen.push(head.status, head.framing, pairs(head.headers))
        for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody())
          given += data.toString('latin1')
      }
      decoder.receiveEnd()
      return { seen, given, extra: decoder.hasExtraBytes }
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error
      expect(error.side).toBe('upstream')
      return { seen, given, error: error.code }
    }
  }
  fc.assert(
    fc.property(responses, fc.constantFrom('GET', 'HEAD'), sizes, (text, method, sizes) => {
      const bytes = bytesOf(text)
      const whole = run([bytes], method)
      expect(run(pieces(bytes, sizes), method)).toEqual(whole)
      expect(run(pieces(bytes, [1]), method)).toEqual(whole)
    }),
    RUNS,
  )
})

/** Undefined when it throws one of the codec's own errors. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    return undefined
  }
}

function lines(headers: readonly (readonly [string, string])[]): string[] {
  return headers.map(([name, value]) => `${name}: ${value.replace(/^[ \t]+|[ \t]+$/g, '')}`)
}
