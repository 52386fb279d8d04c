import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HeaderPair } from '../../src/gateway/application.ts'
import { cgiHead, statusLineHead } from '../../src/gateway/cgi-head.ts'
import { CgiResponseError } from '../../src/gateway/cgi-response-error.ts'
import { CgiResponseHeadDecoder } from '../../src/gateway/cgi-response.ts'
import { RUNS, cuts, cutSeeds } from './arbitraries.ts'

const LIMITS = { headBytes: 120, headers: 5 }

function decode(chunks: readonly Buffer[], limits = LIMITS): { shown: string; taken: number } {
  const decoder = new CgiResponseHeadDecoder(limits)
  let taken = 0
  try {
    for (const [index, chunk] of chunks.entries()) {
      decoder.receive(chunk)
      const head = decoder.next()
      if (head !== undefined) {
        const body = Buffer.concat([decoder.rest(), ...chunks.slice(index + 1)])
        const { status, reason, headers } = head
        return {
          shown: JSON.stringify([status, reason, headers.names, headers.values, body.toString('latin1')]),
          taken,
        }
      }
      taken += chunk.length
    }
  } catch (error) {
    if (!(error instanceof CgiResponseError)) throw error
    return { shown: error.code, taken }
  }
  return { shown: 'needs more', taken }
}

/** Pieces of which heads and nearly heads are made. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\r\n\r\n',
        '\n\n',
        ':',
        ': ',
        ' ',
        '\t',
        '\0',
        '\xa0',
        'HTTP/1.1 ',
        '200 OK',
        '404',
        '101 ',
        '100 ',
      ),
      fc.constantFrom(
        'Status',
        'Status: 200 OK\r\n',
        'Content-Length: 5\n',
        'Location: /x\r\n',
        'Transfer-Encoding: chunked\n',
        'A: b\n',
        'X-Y',
      ),
      fc.uint8Array({ maxLength: 4 }).map((octets) => Buffer.from(octets).toString('latin1')),
    ),
    { maxLength: 16 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))

const token = fc
  .string({ unit: fc.constantFrom(..."abcXYZ019-_!#'"), minLength: 1, maxLength: 12 })
  .filter((name) => !/^(status|content-length|transfer-encoding|location)$/i.test(name))
const value = fc
  .string({ unit: fc.constantFrom(...'abc :;,="\t\xe9\xff'), maxLength: 20 })
  .map((text) => text.replace(/^[\t ]+|[\t ]+$/g, ''))

describe('CgiResponseHeadDecoder, fuzzed', () => {
  it('parses or throws its own codes, the same however it is cut, within its limit', () => {
    fc.assert(
      fc.property(text, cutSeeds, (bytes, seeds) => {
        const whole = decode([bytes])
        const cut = decode(cuts(bytes, seeds))
        expect(cut.shown).toBe(whole.shown)
        expect(cut.taken).toBeLessThanOrEqual(
          LIMITS.headBytes + (whole.shown.startsWith('CGI') ? bytes.length : 0),
        )
        if (whole.shown === 'needs more') expect(bytes.length).toBeLessThanOrEqual(LIMITS.headBytes)
      }),
      { numRuns: 4 * RUNS },
    )
  })

  it('reads what cgiHead and statusLineHead write', () => {
    const headers = fc.array(fc.tuple(token, value), { maxLength: 5 })
    fc.assert(
      fc.property(headers, fc.integer({ min: 200, max: 599 }), cutSeeds, (list, code, seeds) => {
        const pairs: HeaderPair[] = list
        for (const write of [cgiHead, statusLineHead]) {
          const bytes = Buffer.from(`${write(`${code} Some Reason`, pairs)}body`, 'latin1')
          const expected = [
            code,
            'Some Reason',
            list.map(([name]) => name.toLowerCase()),
            list.map((pair) => pair[1]),
            'body',
          ]
          expect(decode(cuts(bytes, seeds), { headBytes: 4096, headers: 10 }).shown).toBe(
            JSON.stringify(expected),
          )
        }
      }),
      { numRuns: RUNS },
    )
  })
})
