/**
 * Answers of upstreams against the runtime's llhttp, and what its own suite expects of it: what both take is the same
 * answer, and where one refuses, the reason is one of those below.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { ResponseDecoder } from '../../../src/protocol/http1/response-decoder.ts'
import { responses } from '../../fuzz/http1-responses.ts'
import { bytesOf, pairs } from './feed.ts'
import { askNode, type NodeAnswer } from './node-client.ts'

interface OurAnswer extends NodeAnswer {
  /** Bytes behind it, which are an answer to nobody: the connection is never used again. */
  readonly extra: number
}

/** The answer of an upstream that then closes, or the code of what is wrong with it. */
function ours(bytes: Buffer, method: string): OurAnswer | string {
  const decoder = new ResponseDecoder({ headBytes: 4096, maxHeaders: 100 })
  decoder.begin(method)
  try {
    decoder.receive(Buffer.from(bytes))
    const head = decoder.nextHead()
    let body = ''
    for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) {
      body += data.toString('latin1')
    }
    if (!decoder.bodyDone) decoder.receiveEnd()
    if (head === undefined) throw new Error('a body without a head')
    return {
      status: head.status,
      headers: pairs(head.headers),
      body,
      extra: decoder.hasExtraBytes ? decoder.buffered : 0,
    }
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    return error.code
  }
}

/** Codes with which we refuse what llhttp takes. */
const WE_REFUSE = new Map<string, string>([
  ['upstream_invalid_status', 'RTSP and ICE, control bytes in a reason'],
  ['upstream_duplicate_header', 'two Transfer-Encodings: what they mean together is anybody’s guess'],
  ['upstream_unknown_coding', 'RFC 9112 section 6.1: of HTTP/1.0 a fault; and any list but chunked alone'],
  ['upstream_invalid_length', 'TAB around the digits'],
  ['upstream_invalid_chunked', 'a `;` without an extension, a trailer that would change the message'],
  ['upstream_invalid_header', 'a trailer line of another shape'],
  ['upstream_unexpected_upgrade', 'nobody asked for it'],
])

/** llhttp's codes for what we take, and what the input must have for it. */
const LLHTTP_REFUSES = new Map<string, { why: string; has: RegExp }>([
  ['HPE_INVALID_VERSION', { why: 'a minor version other than 0 and 1', has: /HTTP\/1\.[2-9]/ }],
  ['HPE_CR_EXPECTED', { why: 'bare LF', has: /(?:^|[^\r])\n/ }],
  ['HPE_LF_EXPECTED', { why: 'bare LF', has: /(?:^|[^\r])\n/ }],
  ['HPE_INVALID_STATUS', { why: 'bare LF behind the status', has: /\d\n/ }],
  ['HPE_INVALID_HEADER_TOKEN', { why: 'bare LF, a line without colon', has: /(?:^|[^\r])\n|\n[^:\n]+\n/ }],
  ['HPE_STRICT', { why: 'bare LF', has: /(?:^|[^\r])\n/ }],
])

it('the same answers as llhttp, or a reason', async () => {
  let both = 0
  await fc.assert(
    fc.asyncProperty(responses, fc.constantFrom('GET', 'GET', 'HEAD'), async (text, method) => {
      const bytes = bytesOf(text)
      const we = ours(bytes, method)
      // it would read on behind the answer
      const whole = typeof we === 'string' ? bytes : bytes.subarray(0, bytes.length - we.extra)
      const they = await askNode(whole, method)
      if (typeof we === 'string') {
        if (typeof they !== 'string') expect([...WE_REFUSE.keys()]).toContain(we)
        return
      }
      const { extra: _, ...answer } = we
      if (typeof they !== 'string') {
        both += 1
        expect(answer).toEqual(they)
      } else {
        expect([...LLHTTP_REFUSES.keys()]).toContain(they)
        expect(text).toMatch(LLHTTP_REFUSES.get(they)?.has ?? '')
      }
    }),
    // the same ones each time: the reasons above were found with many more
    { numRuns: Number(process.env['RUNS'] ?? 4000), ...(process.env['RUNS'] ? {} : { seed: 20_261_121 }) },
  )
  // most are refused by both; these were compared
  expect(both).toBeGreaterThan(300)
}, 60_000)

const OK = 'HTTP/1.1 200 OK\r\n'
const chunked = (body: string): string => `${OK}Transfer-Encoding: chunked\r\n\r\n${body}`
const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n'

/** The body, or the code. */
type Expected = string | { readonly error: string }
const refused = (error: string): Expected => ({ error })

// what, what its suite sends, what we make of it, and why where llhttp's suite has it otherwise
const ROWS: readonly (readonly [what: string, bytes: string, expected: Expected, otherwise?: string])[] = [
  ['Proxy-Connection', `${OK}Proxy-Connection: close\r\nContent-Length: 2\r\n\r\nab`, 'ab'],
  ['HTTP/1.0 with keep-alive and no length', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nHTTP/1.0 200 OK', 'HTTP/1.0 200 OK'],
  ['no length', `${OK}\r\nHTTP/1.1 200 OK`, 'HTTP/1.1 200 OK'],
  ['204 and what is behind it', 'HTTP/1.1 204 No content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', ''],
  ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n', ''],
  ['304 with chunked', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', ''],
  ['more than its length, behind close', `${OK}Content-Length: 2\r\nConnection: close\r\n\r\nabcd`, 'ab', 'it refuses what follows; so do we, by using the connection no more'],
  ['101 unasked', `${UPGRADE}Content-Length: 4\r\n\r\nbody`, refused('upstream_unexpected_upgrade'), 'it gives the bytes to its caller'],
  ['200 with Upgrade', `${OK}Connection: upgrade\r\nUpgrade: h2c\r\n\r\nbody`, 'body'],
  ['200 with Upgrade and a length', `${OK}Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody`, 'body'],
  ['200 with Upgrade and chunked', `${OK}Connection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n`, 'body'],
  ['100 first', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno', 'no'],
  ['103 first', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nab`, 'ab'],
  ['Content-Length-X', `${OK}Content-Length-X: 0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n`, 'OK'],
  ['tabs around the length', `${OK}Content-Length:\t2\t\r\n\r\nab`, refused('upstream_invalid_length'), 'it takes them; nginx refuses'],
  ['blanks around the length', `${OK}Content-Length:  2  \r\n\r\nab`, 'ab'],
  ['HTP', 'HTP/1.1 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['HTTPER', 'HTTPER/1.1 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['RTSP', 'RTSP/1.1 200 OK\r\n\r\n', refused('upstream_invalid_status'), 'it speaks that too'],
  ['ICE', 'ICE/1.1 200 OK\r\n\r\n', refused('upstream_invalid_status'), 'it speaks that too'],
  ['a major version of two digits', 'HTTP/01.1 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['version 11.1', 'HTTP/11.1 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['a minor version of two digits', 'HTTP/1.01 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['version 5.6', 'HTTP/5.6 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['version 0.9', 'HTTP/0.9 200 OK\r\n\r\n', refused('upstream_invalid_status'), 'it takes it; what has no version is no answer here'],
  ['TAB behind the version', 'HTTP/1.1\t200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['CR before all', '\rHTTP/1.1 200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['an empty line before all', `\r\n${OK}Content-Length: 0\r\n\r\n`, refused('upstream_invalid_status'), 'it takes it; RFC 9112 section 2.2 gives that to servers'],
  ['two blanks before the status', 'HTTP/1.1  200 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['two blanks behind the status', 'HTTP/1.1 200  OK\r\n\r\n', ''],
  ['a status of one digit', 'HTTP/1.1 2 OK\r\n\r\n', refused('upstream_invalid_status')],
  ['no reason', 'HTTP/1.1 301\r\n\r\n', ''],
  ['an empty reason', 'HTTP/1.1 200 \r\n\r\n', ''],
  ['a reason that is no ASCII', 'HTTP/1.1 500 Ori\xc3\xabntatie\r\nContent-Length: 0\r\n\r\n', ''],
  ['CR between fields', `${OK}Foo: 1\rBar: 2\r\n\r\n`, refused('upstream_invalid_header')],
  ['CR behind the status line', 'HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n', refused('upstream_invalid_status')],
  ['two CRs behind the status line', 'HTTP/1.1 200 OK\r\rContent-Length: 4\r\n\r\nEvil', refused('upstream_invalid_status')],
  ['a line that goes on, at once', `${OK} Host: foo\r\n\r\n`, refused('upstream_invalid_header')],
  ['a blank in a name', `${OK}en-US Content-Type: text/xml\r\nContent-Length: 0\r\n\r\n`, refused('upstream_invalid_header')],
  ['an underscore in a name', `${OK}DCLK_imp: v7;x\r\nContent-Length: 0\r\n\r\n`, ''],
  ['a field without value', `${OK}Pragma: \r\nLocation: /\r\nContent-Length: 0\r\n\r\n`, ''],
  ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nab', 'ab', 'it refuses; RFC 9112 section 2.2 allows it, as nginx does'],
  ['several answers at once', `${OK}Content-Length: 1\r\n\r\nA${OK}Content-Length: 1\r\n\r\nB`, 'A', 'it reads all; who asked once gets one'],
  ['blanks behind a chunk size', chunked('2  \r\nab\r\n0  \r\n\r\n'), refused('upstream_invalid_chunked')],
  ['chunked before another coding', `${OK}Transfer-Encoding: chunked, deflate\r\n\r\nWorld`, refused('upstream_unknown_coding'), 'it reads until the end'],
  ['another coding on a second line', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\nWorld`, refused('upstream_duplicate_header'), 'it reads until the end'],
  ['chunkedchunked', `${OK}Transfer-Encoding: chunkedchunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n`, refused('upstream_unknown_coding'), 'it reads until the end'],
  ['extensions', chunked('5;a;b=c\r\nhello\r\n6;x;y\r\n world\r\n0\r\n\r\n'), 'hello world'],
  ['quoted extensions', chunked('5;a="I; b";c="d";e;f=g\r\nhello\r\n0\r\n\r\n'), 'hello'],
  ['an extension that is not quoted to its end', chunked('5;a="b";c="d; e\r\nhello\r\n0\r\n\r\n'), refused('upstream_invalid_chunked')],
  ['an extension without `;`', chunked('2 erf\r\naa\r\n0 rrrr\r\n\r\n'), refused('upstream_invalid_chunked')],
  ['`;` without an extension', chunked('2;\r\naa\r\n0\r\n\r\n'), refused('upstream_invalid_chunked')],
  ['chunked with a line that goes on', `${OK}Transfer-Encoding: chunked\r\n  abc\r\n\r\n5\r\nWorld\r\n0\r\n\r\n`, refused('upstream_invalid_header')],
] // prettier-ignore

describe('what llhttp’s suite sends', () => {
  it.each(ROWS.map(([what, text, expected]) => [what, text, expected] as const))(
    '%s',
    (_, text, expected) => {
      const answer = ours(bytesOf(text), 'GET')
      expect(typeof answer === 'string' ? { error: answer } : answer.body).toEqual(expected)
    },
  )

  it('leaves no connection to use behind more than was asked for', () => {
    for (const [, text] of ROWS.filter(([what]) => /more than|several|204/.test(what))) {
      const answer = ours(bytesOf(text), 'GET')
      expect(typeof answer === 'string' ? 0 : answer.extra).toBeGreaterThan(0)
    }
  })
})
