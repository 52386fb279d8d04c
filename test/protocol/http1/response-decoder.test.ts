import { describe, expect, test } from 'vitest'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { ResponseDecoder } from '../../../src/protocol/http1/response-decoder.ts'
import { bytesOf, cuts, pairs } from './feed.ts'

interface Ask {
  method?: string
  upgrade?: boolean
  /** The upstream closes behind the bytes. */
  closes?: boolean
}

interface Answer {
  status?: number
  reason?: string
  headers?: string[]
  framing?: string
  body: string
  trailers?: string[]
  done: boolean
  extra: boolean
  reusable: boolean
  error?: string
}

const LIMITS = { headBytes: 4096, maxHeaders: 100 }

function run(pieces: readonly Buffer[], ask: Ask): Answer {
  const decoder = new ResponseDecoder(LIMITS)
  decoder.begin(ask.method ?? 'GET', ask.upgrade)
  const answer: Answer = { body: '', done: false, extra: false, reusable: false }
  const shared = Buffer.alloc(Math.max(1, ...pieces.map((piece) => piece.length)))
  try {
    for (const piece of pieces) {
      piece.copy(shared)
      decoder.receive(shared.subarray(0, piece.length))
      drain(decoder, answer)
      // extra bytes stay unread, and nobody took them over
      decoder.retain()
      shared.fill(0xee)
    }
    if (ask.closes === true) decoder.receiveEnd()
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    expect(error.side).toBe('upstream')
    expect(error.status).toBe(502)
    answer.error = error.code
  }
  answer.done = decoder.bodyDone
  answer.extra = decoder.hasExtraBytes
  answer.reusable = decoder.reusable
  if (decoder.trailers !== undefined) answer.trailers = pairs(decoder.trailers)
  return answer
}

function drain(decoder: ResponseDecoder, answer: Answer): void {
  if (answer.status === undefined) {
    const head = decoder.nextHead()
    if (head === undefined) return
    answer.status = head.status
    answer.reason = head.reason
    answer.headers = pairs(head.headers)
    answer.framing = head.framing.kind
  }
  for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) {
    answer.body += data.toString('latin1')
  }
}

function decode(text: string, ask: Ask = {}): Answer {
  const [whole, ...others] = cuts(bytesOf(text)).map((pieces) => run(pieces, ask))
  if (whole === undefined) throw new Error('no way to cut')
  for (const other of others) expect(other).toEqual(whole)
  return whole
}

const OK = 'HTTP/1.1 200 OK\r\n'

describe('a response that is accepted', () => {
  test.each<[string, string, Ask, Partial<Answer>]>([
    [
      'with a length',
      `${OK}Content-Length: 3\r\n\r\nabc`,
      {},
      { status: 200, reason: 'OK', body: 'abc', done: true, reusable: true },
    ],
    [
      'chunked',
      `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n`,
      {},
      { body: 'abc', trailers: ['X: y'], reusable: true },
    ],
    [
      'until close',
      `${OK}\r\nabc`,
      { closes: true },
      { framing: 'close', body: 'abc', done: true, reusable: false },
    ],
    ['until close, not yet', `${OK}\r\nabc`, {}, { body: 'abc', done: false, reusable: false }],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', {}, { done: true, reusable: false }],
    [
      'HTTP/1.0 keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
      {},
      { reusable: true },
    ],
    ['close', `${OK}Connection: close\r\nContent-Length: 0\r\n\r\n`, {}, { done: true, reusable: false }],
    ['closed behind it', `${OK}Content-Length: 0\r\n\r\n`, { closes: true }, { done: true, reusable: false }],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', {}, { status: 200, reason: '' }],
    ['an empty reason', 'HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n', {}, { status: 599, reason: '' }],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 1\n\na', {}, { body: 'a' }],
    [
      'HEAD',
      `${OK}Content-Length: 3\r\n\r\n`,
      { method: 'HEAD' },
      { framing: 'none', done: true, reusable: true },
    ],
    [
      'HEAD of a chunked one',
      `${OK}Transfer-Encoding: chunked\r\n\r\n`,
      { method: 'HEAD' },
      { framing: 'none', reusable: true },
    ],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', {}, { framing: 'none', reusable: true }],
    [
      '304 with a length',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
      {},
      { framing: 'none', reusable: true },
    ],
    [
      'behind interim ones',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
      {},
      { status: 200, headers: ['Content-Length: 0'] },
    ],
    [
      '101 that was asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      { upgrade: true },
      { status: 101, framing: 'none', reusable: false },
    ],
    [
      'names with underscores and dots',
      `${OK}a_b: c\r\nd.e: f\r\nContent-Length: 0\r\n\r\n`,
      {},
      { headers: ['a_b: c', 'd.e: f', 'Content-Length: 0'] },
    ],
    [
      'repeated fields',
      `${OK}Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Type: c\r\nContent-Type: d\r\nContent-Length: 0\r\n\r\n`,
      {},
      { reusable: true },
    ],
    [
      'more data than the length',
      `${OK}Content-Length: 3\r\n\r\nabcd`,
      {},
      { body: 'abc', done: true, extra: true, reusable: false },
    ],
    [
      'data behind HEAD',
      `${OK}Content-Length: 3\r\n\r\nabc`,
      { method: 'HEAD' },
      { body: '', extra: true, reusable: false },
    ],
    [
      'data behind 304',
      'HTTP/1.1 304 Not Modified\r\n\r\nabc',
      {},
      { body: '', extra: true, reusable: false },
    ],
    [
      'another response behind',
      `${OK}Content-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
      {},
      { extra: true, reusable: false },
    ],
    [
      'data behind the last chunk',
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx`,
      {},
      { extra: true, reusable: false },
    ],
  ])('%s', (_, text, ask, expected) => {
    const answer = decode(text, ask)
    expect(answer).toMatchObject(expected)
    expect(answer.error).toBeUndefined()
  })
})

describe('a response that is refused', () => {
  test.each<[string, string, Ask, string]>([
    ['garbage', 'garbage\r\n\r\n', {}, 'upstream_invalid_status'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['no blank behind the status', 'HTTP/1.1 200OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['no digit behind the dot', 'HTTP/1.x 200 OK\r\n\r\n', {}, 'upstream_invalid_status'],
    ['NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', {}, 'upstream_invalid_status'],
    ['an empty line before', `\r\n${OK}\r\n`, {}, 'upstream_invalid_status'],
    ['a head that is too large', `${OK}A: ${'b'.repeat(5000)}`, {}, 'upstream_head_too_large'],
    ['a status line that is too long', `HTTP/1.1 200 ${'b'.repeat(5000)}`, {}, 'upstream_head_too_large'],
    ['too many fields', `${OK}${'A: b\r\n'.repeat(101)}\r\n`, {}, 'upstream_head_too_large'],
    ['CR in a value', `${OK}A: b\rc\r\n\r\n`, {}, 'upstream_invalid_header'],
    ['a folded value', `${OK}A: b\r\n c\r\n\r\n`, {}, 'upstream_invalid_header'],
    ['separators in a name', `${OK}a(b: c\r\n\r\n`, {}, 'upstream_invalid_header'],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, {}, 'upstream_duplicate_header'],
    [
      'two codings',
      `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      {},
      'upstream_duplicate_header',
    ],
    ['a length that is none', `${OK}Content-Length: 1x\r\n\r\n`, {}, 'upstream_invalid_length'],
    [
      'a length that is none, for HEAD',
      `${OK}Content-Length: 1x\r\n\r\n`,
      { method: 'HEAD' },
      'upstream_invalid_length',
    ],
    ['an unknown coding', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, {}, 'upstream_unknown_coding'],
    [
      'a coding in HTTP/1.0',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      {},
      'upstream_unknown_coding',
    ],
    [
      'length and coding',
      `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      {},
      'upstream_length_and_coding',
    ],
    ['a bad chunk', `${OK}Transfer-Encoding: chunked\r\n\r\nx\r\n`, {}, 'upstream_invalid_chunked'],
    [
      'a forbidden trailer',
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n`,
      {},
      'upstream_invalid_chunked',
    ],
    ['endless interim ones', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17), {}, 'upstream_too_many_interim'],
    ['101 unasked', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', {}, 'upstream_unexpected_upgrade'],
    ['an end before anything', '', { closes: true }, 'upstream_premature_close'],
    ['an end in the status line', 'HTTP/1.1 2', { closes: true }, 'upstream_premature_close'],
    ['an end in the head', `${OK}A: b\r\n`, { closes: true }, 'upstream_premature_close'],
    [
      'an end in a body with length',
      `${OK}Content-Length: 3\r\n\r\nab`,
      { closes: true },
      'upstream_premature_close',
    ],
    [
      'an end in a chunk',
      `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nab`,
      { closes: true },
      'upstream_premature_close',
    ],
    [
      'an end before the last chunk',
      `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      { closes: true },
      'upstream_premature_close',
    ],
    [
      'an end in the last chunk',
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
      { closes: true },
      'upstream_premature_close',
    ],
  ])('%s', (_, text, ask, code) => {
    const answer = decode(text, ask)
    expect(answer.error).toBe(code)
    expect(answer.reusable).toBe(false)
  })
})

test('one connection, several requests', () => {
  const decoder = new ResponseDecoder(LIMITS)
  for (let i = 0; i < 3; i++) {
    decoder.begin(i === 1 ? 'HEAD' : 'GET')
    expect(decoder.reusable).toBe(false)
    decoder.receive(bytesOf(`${OK}Content-Length: 3\r\n\r\n${i === 1 ? '' : 'abc'}`))
    expect(decoder.nextHead()?.status).toBe(200)
    expect(decoder.nextBody()?.toString()).toBe(i === 1 ? undefined : 'abc')
    expect(decoder.reusable).toBe(true)
  }
})
