/**
 * What any gateway protocol has to carry between a front and an application: one list of cases, run over each pair
 * of a client and a server codec, both without sockets. A protocol that answers otherwise says so, with the reason,
 * in its list of deviations.
 */
import { describe, expect, it } from 'vitest'
import type { Application, Environ, HeaderPair, StartResponse } from '../../src/gateway/application.ts'

export interface Exchange {
  /** What the front saw: head and body, or the code of what it refused. */
  readonly head: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  /** The front knows that the body is whole. */
  readonly complete: boolean
}

/** One protocol, front and application server back to back. */
export interface GatewayPair {
  /**
   * Runs a request through both codecs, in pieces of `pieceSize` bytes either way.
   *
   * @throws what the client codec throws when it cannot say it.
   */
  exchange(request: GatewayRequest, application: Application, pieceSize: number): Promise<Exchange>
}

export interface GatewayRequest {
  readonly params: readonly string[]
  readonly body: Buffer
}

interface Case {
  readonly name: string
  readonly params?: readonly string[]
  readonly method?: string
  readonly body?: Buffer
  readonly application: Application
  readonly expected: Partial<Exchange> | { readonly refused: string }
}

const TYPE: HeaderPair = ['Content-Type', 'text/plain']
const start = (startResponse: StartResponse, ...headers: HeaderPair[]) =>
  startResponse('200 OK', [TYPE, ...headers])
const OK = { head: '200 OK', complete: true }

/** Answers with everything that it was asked for, so that a lost octet shows. */
const echo: Application = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  const names = Object.keys(environ).filter((key) => /^(HTTP_|CONTENT_|PATH_|QUERY_|X_)/.test(key))
  const lines = names.sort().map((name) => `${name}=${String(environ[name])}\n`)
  start(startResponse)
  return [Buffer.from(lines.join(''), 'latin1'), body]
}

const LARGE = Buffer.alloc(200_001, 'abcdefghijklmnopqrstuvwxyz')
const EVERY_OCTET = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))

const CASES: Case[] = [
  {
    name: 'a request without a body',
    params: ['PATH_INFO', '/a b', 'QUERY_STRING', 'x=%20'],
    application: echo,
    expected: { ...OK, body: Buffer.from('PATH_INFO=/a b\nQUERY_STRING=x=%20\n') },
  },
  {
    name: 'a body',
    method: 'POST',
    params: ['PATH_INFO', '/', 'CONTENT_TYPE', 'a/b'],
    body: Buffer.from(EVERY_OCTET, 'latin1'),
    application: echo,
    expected: {
      ...OK,
      body: Buffer.from(
        `CONTENT_LENGTH=256\nCONTENT_TYPE=a/b\nPATH_INFO=/\nQUERY_STRING=\n${EVERY_OCTET}`,
        'latin1',
      ),
    },
  },
  {
    name: 'a body of more than one record',
    method: 'POST',
    body: LARGE,
    application: async (environ, startResponse) => {
      start(startResponse)
      return [await environ['wsgi.input'].read()]
    },
    expected: { ...OK, body: LARGE },
  },
  {
    name: 'a body that nobody reads',
    method: 'POST',
    body: LARGE,
    application: (_, startResponse) => (start(startResponse), [Buffer.from('not read')]),
    expected: { ...OK, body: Buffer.from('not read') },
  },
  {
    name: 'values with every octet, empty ones, long ones',
    params: ['HTTP_OCTETS', EVERY_OCTET, 'HTTP_EMPTY', '', 'HTTP_LONG', 'x'.repeat(5000)],
    application: (environ, startResponse) => {
      start(startResponse)
      return [
        Buffer.from(
          `${String(environ['HTTP_OCTETS'])}|${String(environ['HTTP_EMPTY'])}|${String(environ['HTTP_LONG'])}`,
          'latin1',
        ),
      ]
    },
    expected: { ...OK, body: Buffer.from(`${EVERY_OCTET}||${'x'.repeat(5000)}`, 'latin1') },
  },
  {
    name: 'names and headers that must not become variables',
    params: [
      'HTTP_PROXY',
      'x',
      'HTTP_CONTENT_LENGTH',
      '9',
      'wsgi.input',
      'x',
      'HTTP_A',
      '1',
      'HTTP_A',
      '2',
      'HTTP_COOKIE',
      'a=1',
      'HTTP_COOKIE',
      'b=2',
    ],
    application: echo,
    expected: { ...OK, body: Buffer.from('HTTP_A=1, 2\nHTTP_COOKIE=a=1; b=2\nPATH_INFO=\nQUERY_STRING=\n') },
  },
  {
    name: '100 KB of variables',
    params: Array.from({ length: 8 }, (_, i) => [`HTTP_${i}`, `${i}`.repeat(12_500)]).flat(),
    application: (environ, startResponse) => (start(startResponse), [Buffer.from(String(environ['HTTP_7']))]),
    expected: { ...OK, body: Buffer.alloc(12_500, '7') },
  },
  {
    name: 'a status, headers in order, one of them twice',
    application: (_, startResponse) => {
      startResponse('404 Nicht \xdcberall', [
        TYPE,
        ['Set-Cookie', 'a=1'],
        ['X-Octets', '\xe9\xff'],
        ['Set-Cookie', 'b=2'],
      ])
      return []
    },
    expected: {
      head: '404 Nicht \xdcberall',
      headers: [
        TYPE,
        ['Set-Cookie', 'a=1'],
        ['X-Octets', '\xe9\xff'],
        ['Set-Cookie', 'b=2'],
        ['Content-Length', '0'],
      ],
      body: Buffer.alloc(0),
      complete: true,
    },
  },
  {
    name: 'a redirect',
    application: (_, startResponse) => (startResponse('302 Found', [TYPE, ['Location', '/x']]), []),
    expected: {
      head: '302 Found',
      headers: [TYPE, ['Location', '/x'], ['Content-Length', '0']],
      complete: true,
    },
  },
  {
    name: 'HEAD',
    method: 'HEAD',
    application: (_, startResponse) => (start(startResponse), [Buffer.from('hello')]),
    expected: { ...OK, headers: [TYPE, ['Content-Length', '5']], body: Buffer.alloc(0) },
  },
  {
    name: '204',
    application: (_, startResponse) => (
      startResponse('204 No Content', [['X-A', '1']]),
      [Buffer.from('hello')]
    ),
    expected: { head: '204 No Content', headers: [['X-A', '1']], body: Buffer.alloc(0), complete: true },
  },
  {
    name: 'a generator, of a large and many small pieces',
    application: function* (_: Environ, startResponse: StartResponse) {
      start(startResponse)
      yield LARGE
      for (let i = 0; i < 100; i++) yield Buffer.from(`${i},`)
    },
    expected: {
      ...OK,
      body: Buffer.concat([LARGE, Buffer.from(Array.from({ length: 100 }, (_, i) => `${i},`).join(''))]),
    },
  },
  {
    name: 'an async generator',
    application: async function* (_: Environ, startResponse: StartResponse) {
      await Promise.resolve()
      start(startResponse)
      yield Buffer.from('a')
      await Promise.resolve()
      yield Buffer.from('b')
    },
    expected: { ...OK, headers: [TYPE], body: Buffer.from('ab') },
  },
  {
    name: 'a body that looks like a head, records and packets',
    application: (_, startResponse) => (
      start(startResponse),
      [Buffer.from('Status: 500 No\r\n\r\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0', 'latin1')]
    ),
    expected: {
      ...OK,
      body: Buffer.from('Status: 500 No\r\n\r\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0', 'latin1'),
    },
  },
  {
    name: 'an application that throws',
    application: () => {
      throw new Error('boom')
    },
    expected: {
      head: '500 Internal Server Error',
      body: Buffer.from('Internal Server Error\n'),
      complete: true,
    },
  },
  {
    name: 'an application that throws in the middle: the front sees that something is missing',
    application: function* (_: Environ, startResponse: StartResponse) {
      start(startResponse)
      yield Buffer.from('half')
      throw new Error('boom')
    },
    expected: { head: '200 OK', body: Buffer.from('half'), complete: false },
  },
  {
    name: 'less body than declared: the front sees that something is missing',
    application: (_, startResponse) => (start(startResponse, ['Content-Length', '9']), [Buffer.from('half')]),
    expected: { head: '200 OK', body: Buffer.from('half'), complete: false },
  },
]

/** With the body as text: comparing buffers octet by octet takes seconds. */
function asText(exchange: Partial<Exchange>): object {
  return exchange.body === undefined ? exchange : { ...exchange, body: exchange.body.toString('latin1') }
}

export interface Deviation {
  readonly expected: Case['expected']
  readonly reason: string
}

export function describeGatewayPair(
  name: string,
  pair: GatewayPair,
  deviations: Readonly<Record<string, Deviation>> = {},
): void {
  describe(`${name} carries`, () => {
    for (const one of CASES) {
      const deviation = deviations[one.name]
      const title = deviation === undefined ? one.name : `${one.name} (otherwise: ${deviation.reason})`
      it.each([1_000_000, 4096, 13])(`${title}, in pieces of %i`, async (pieceSize) => {
        const expected = deviation?.expected ?? one.expected
        const body = one.body ?? Buffer.alloc(0)
        const length = body.length > 0 ? ['CONTENT_LENGTH', String(body.length)] : []
        const params = ['REQUEST_METHOD', one.method ?? 'GET', ...length, ...(one.params ?? [])]
        const seen = pair.exchange({ params, body }, one.application, pieceSize)
        if ('refused' in expected) await expect(seen).rejects.toMatchObject({ code: expected.refused })
        else expect(asText(await seen)).toMatchObject(asText(expected))
      })
    }

    it('nothing that the contract does not know', () => {
      expect(Object.keys(deviations).filter((title) => !CASES.some((one) => one.name === title))).toEqual([])
    })
  })
}
