/** One decoder over the life of a connection: what the server asks of it between the requests. */
import { describe, expect, test } from 'vitest'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { RequestDecoder } from '../../../src/protocol/http1/request-decoder.ts'
import { bytesOf, decodeRequests, LIMITS } from './feed.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'

function decoderOf(text: string, limits = LIMITS): RequestDecoder {
  const decoder = new RequestDecoder(limits)
  decoder.receive(bytesOf(text))
  return decoder
}

test('a head says all that the server needs', () => {
  const text =
    'PUT http://B.example:81/x?y HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\na.b: c\r\nContent-Length: 0\r\n\r\n'
  expect(decoderOf(text).nextHead()).toMatchObject({
    method: 'PUT',
    target: 'http://B.example:81/x?y',
    version: 11,
    requestLine: 'PUT http://B.example:81/x?y HTTP/1.1',
    framing: { kind: 'length', length: 0 },
    host: 'b.example',
    hostPort: 81,
    keepAlive: true,
    expectContinue: true,
    headLength: text.length,
    ignored: ['a.b: c'],
  })
  const old = 'GET /x HTTP/1.0\nHost: a:80\nExpect: 100-continue\n\n'
  expect(decoderOf(old).nextHead()).toMatchObject({
    requestLine: 'GET /x HTTP/1.0',
    framing: { kind: 'none' },
    host: 'a',
    hostPort: 80,
    expectContinue: false,
    headLength: old.length,
    ignored: [],
  })
  expect(decoderOf('GET /x\r\n').nextHead()).toMatchObject({ requestLine: 'GET /x', headLength: 8, host: '' })
})

describe('pipelined requests', () => {
  test('a hundred in one piece', () => {
    const outcome = decodeRequests([bytesOf((GET + POST).repeat(50))])
    expect(outcome.requests).toHaveLength(100)
    expect(outcome.requests.map((request) => request.body)).toEqual(
      Array.from({ length: 50 }, () => ['', 'hello']).flat(),
    )
    expect(outcome.between).toBe(true)
  })

  test('those in front of a bad one come out, and none behind it', () => {
    const outcome = decodeRequests([bytesOf(`${GET.repeat(49)}GET / HTTP/9.9\r\n\r\n${GET.repeat(50)}`)])
    expect(outcome.requests).toHaveLength(49)
    expect(outcome.error).toBe('invalid_version')
  })

  test('the body of a request is never the next request', () => {
    const inner = 'GET /inner HTTP/1.1\r\nHost: a\r\n\r\n'
    const outcome = decodeRequests([
      bytesOf(`GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\n\r\n${inner}${GET}`),
    ])
    expect(outcome.requests.map(({ target, body }) => [target, body])).toEqual([
      ['/', inner],
      ['/', ''],
    ])
  })

  test('nextHead() before the body was read is a bug of the caller, not of the peer', () => {
    const decoder = decoderOf(POST + GET)
    decoder.nextHead()
    expect(() => decoder.nextHead()).toThrow('before the body was read')
    expect(decoder.discardBody()).toBe(true)
    expect(decoder.nextHead()?.method).toBe('GET')
  })

  test('a body is thrown away as it comes', () => {
    const decoder = decoderOf(POST.slice(0, -3))
    decoder.nextHead()
    expect(decoder.discardBody()).toBe(false)
    expect(decoder.hasBufferedBytes).toBe(false)
    decoder.receive(bytesOf(`llo${GET}`))
    expect(decoder.discardBody()).toBe(true)
    expect(decoder.buffered).toBe(GET.length)
  })
})

describe('the end of the connection', () => {
  const drain = (decoder: RequestDecoder) => {
    while (decoder.nextHead() !== undefined) if (!decoder.discardBody()) return
  }

  test.each([
    ['before anything', ''],
    ['behind a request', GET],
    ['behind a body', POST],
    ['behind a chunked body', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('%s is fine', (_, text) => {
    const decoder = decoderOf(text)
    drain(decoder)
    expect(() => decoder.receiveEnd()).not.toThrow()
  })

  test.each([
    ['in the request line', 'GET /'],
    ['in the head', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['in a body', POST.slice(0, -1)],
    ['before the last chunk', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'],
    ['in the last chunk', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n'],
    ['in the trailers', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n'],
  ])('%s is an error', (_, text) => {
    const decoder = decoderOf(text)
    drain(decoder)
    expect(() => decoder.receiveEnd()).toThrow(Http1Error)
  })
})

describe('buffers', () => {
  test('what a tunnel takes over is all that is unread', () => {
    const decoder = decoderOf(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n\x81\x00',
    )
    decoder.nextHead()
    decoder.receive(bytesOf('more'))
    expect(decoder.buffered).toBe(6)
    expect(decoder.takeRest().toString('latin1')).toBe('\x81\x00more')
    expect(decoder.buffered).toBe(0)
  })

  test('retain() lets the read buffer be written again while requests wait', () => {
    const shared = bytesOf(GET + POST)
    const decoder = new RequestDecoder(LIMITS)
    decoder.receive(shared)
    decoder.nextHead()
    decoder.retain()
    shared.fill(0)
    expect(decoder.nextHead()?.method).toBe('POST')
    expect(decoder.nextBody()?.toString()).toBe('hello')
  })

  test('a body is not copied', () => {
    const shared = bytesOf(POST)
    const decoder = new RequestDecoder(LIMITS)
    decoder.receive(shared)
    decoder.nextHead()
    expect(decoder.nextBody()?.buffer).toBe(shared.buffer)
  })

  test('bytes that arrive before they are asked for are queued in order', () => {
    const decoder = new RequestDecoder(LIMITS)
    for (const byte of bytesOf(POST + GET)) decoder.receive(Buffer.of(byte))
    expect(decoder.nextHead()?.method).toBe('POST')
    let body = ''
    for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) body += data.toString()
    expect(body).toBe('hello')
    expect(decoder.nextHead()?.method).toBe('GET')
  })
})

describe('time grows with the bytes, not faster', () => {
  const cpuMs = (body: () => void) => {
    const began = process.cpuUsage()
    body()
    return process.cpuUsage(began).user / 1000
  }
  const wide = { ...LIMITS, lineBytes: 1 << 20, headBytes: 1 << 21, maxHeaders: 100_000 }

  test.each([
    ['ten thousand equal fields', `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(10_000)}\r\n`],
    [
      'ten thousand names',
      `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 10_000 }, (_, i) => `A${i}: b\r\n`).join('')}\r\n`,
    ],
    [
      'ten thousand names that are numbers',
      `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 10_000 }, (_, i) => `${i}: b\r\n`).join('')}\r\n`,
    ],
    ['ten thousand Connections', `GET / HTTP/1.1\r\nHost: a\r\n${'Connection: a\r\n'.repeat(10_000)}\r\n`],
    ['a value of half a megabyte', `GET / HTTP/1.1\r\nHost: a\r\nA: ${' b'.repeat(1 << 18)}\r\n\r\n`],
    [
      'blanks of half a megabyte',
      `GET / HTTP/1.1\r\nHost: a\r\nA: b${' '.repeat(1 << 19)}c${' '.repeat(1 << 18)}\r\n\r\n`,
    ],
  ])('%s', (_, text) => {
    const bytes = bytesOf(text)
    expect(cpuMs(() => expect(decodeRequests([bytes], wide).requests).toHaveLength(1))).toBeLessThan(500)
  })

  test('a full head, byte by byte', () => {
    const bytes = bytesOf(`GET / HTTP/1.1\r\nHost: a\r\n${`A: ${'b'.repeat(8000)}\r\n`.repeat(3)}\r\n`)
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
    expect(cpuMs(() => expect(decodeRequests(pieces).requests).toHaveLength(1))).toBeLessThan(2000)
  })
})
