/** Heads of answers: framing, Connection, the fields that the conf adds, line ends refused. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { monotonicMs } from '../../src/io/clock.ts'
import type { RequestHead } from '../../src/protocol/http1/message.ts'
import { HeaderTable } from '../../src/http/header-table.ts'
import { ClientConnection } from '../../src/front/client-connection.ts'
import { Request } from '../../src/front/request.ts'
import { responseHead } from '../../src/front/response-head.ts'
import type { Socket } from 'node:net'
import { FakeSocket, FrontHarness } from '../support/front-harness.ts'

const harness = new FrontHarness(`
  server {
    root html;
    location / { }
    location /unchunked { chunked_transfer_encoding off; }
    location /timed { keepalive_timeout 60 30; }
    location /tokens { server_tokens off; }
    location /add { add_header X-Usual usual; add_header X-Always always always; add_header X-Empty ""; add_header X-Var $uri; }
    location /inner { add_header X-Outer outer; location /inner/own { add_header X-Own own; } location /inner/none { } }
    location /replace { add_header ETag '"own"'; add_header Last-Modified "own date"; }
    location /max { expires max; }
    location /epoch { expires epoch; }
    location /hour { expires 1h; }
    location /past { expires -1h; }
    location /modified { expires modified 1h; }
    location /daily { expires @15h30m; }
    location /both { expires 1h; add_header Cache-Control public; }
  }`)

afterAll(() => harness.close())

interface Wanted {
  readonly uri?: string
  readonly method?: string
  readonly version?: 10 | 11
  readonly status?: number
  readonly set?: Partial<Request>
}

/** A request that a handler is about to answer. */
function requestFor({ uri = '/', method = 'GET', version = 11, status = 200, set = {} }: Wanted): Request {
  const head: RequestHead = {
    method,
    target: uri,
    version,
    requestLine: `${method} ${uri} HTTP/1.${version - 10}`,
    headers: new HeaderTable(),
    framing: { kind: 'none' },
    host: 'own.test',
    hostPort: 0,
    keepAlive: true,
    expectContinue: false,
    headLength: 0,
    ignored: [],
  }
  const connection = new ClientConnection(
    harness.server,
    harness.point,
    new FakeSocket() as unknown as Socket,
    1,
    undefined,
    undefined,
  )
  const request = new Request(connection, head, harness.point.defaultServer, Date.now(), monotonicMs())
  request.uri = uri
  request.location = harness.point.defaultServer.locations.find(uri).location ?? request.location
  request.status = status
  return Object.assign(request, set)
}

/** Fields by name, lower-case; several values joined by LF. */
function fieldsOf(wanted: Wanted): Map<string, string> {
  const [, ...lines] = responseHead(requestFor(wanted)).trimEnd().split('\r\n')
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
    const before = fields.get(name.toLowerCase())
    fields.set(name.toLowerCase(), before === undefined ? value : `${before}\n${value}`)
  }
  return fields
}

const framing = (wanted: Wanted): (string | undefined)[] => {
  const fields = fieldsOf(wanted)
  return ['content-length', 'transfer-encoding', 'connection'].map((name) => fields.get(name))
}

describe('the framing of an answer', () => {
  const unknown = { contentLength: -1 }
  it.each<[string, Wanted, (string | undefined)[]]>([
    ['of known length', { set: { contentLength: 5 } }, ['5', undefined, 'keep-alive']],
    ['of length 0', { set: { contentLength: 0 } }, ['0', undefined, 'keep-alive']],
    ['of unknown length', { set: unknown }, [undefined, 'chunked', 'keep-alive']],
    ['of unknown length in HTTP/1.0', { version: 10, set: unknown }, [undefined, undefined, 'close']],
    [
      'of unknown length without chunks',
      { uri: '/unchunked', set: unknown },
      [undefined, undefined, 'close'],
    ],
    ['204', { status: 204, set: { contentLength: 5 } }, [undefined, undefined, 'keep-alive']],
    ['304', { status: 304, set: { contentLength: 5 } }, [undefined, undefined, 'keep-alive']],
    ['204 of unknown length', { status: 204, set: unknown }, [undefined, undefined, 'keep-alive']],
    ['of HEAD', { method: 'HEAD', set: { contentLength: 5 } }, ['5', undefined, 'keep-alive']],
    ['that closes', { set: { contentLength: 5, keepAlive: false } }, ['5', undefined, 'close']],
    ['with a body withheld', { set: { contentLength: 5, bodyWithheld: true } }, ['5', undefined, 'close']],
  ])('%s', (_name, wanted, expected) => {
    expect(framing(wanted)).toEqual(expected)
  })
})

describe('a field of an answer', () => {
  it.each<[string, Wanted, string, string | undefined]>([
    ['Server', {}, 'server', expect.stringMatching(/^portico\/\S+$/) as string],
    ['Server without version', { uri: '/tokens' }, 'server', 'portico'],
    ['Keep-Alive', { uri: '/timed', set: { contentLength: 0 } }, 'keep-alive', 'timeout=30'],
    ['Keep-Alive when closing', { uri: '/timed', set: { keepAlive: false } }, 'keep-alive', undefined],
    ['Content-Type', { set: { contentType: 'text/html' } }, 'content-type', 'text/html'],
    ['Content-Type of 304', { status: 304, set: { contentType: 'text/html' } }, 'content-type', undefined],
    ['empty Content-Type', { set: { contentType: '' } }, 'content-type', undefined],
    [
      'charset',
      { set: { contentType: 'text/html', charset: 'utf-8' } },
      'content-type',
      'text/html; charset=utf-8',
    ],
    ['Last-Modified', { set: { lastModified: 0 } }, 'last-modified', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['Last-Modified of an error page', { status: 404, set: { lastModified: 0 } }, 'last-modified', undefined],
    [
      'Last-Modified of a part',
      { status: 206, set: { lastModified: 0 } },
      'last-modified',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ],
    ['ETag', { set: { etag: '"x"' } }, 'etag', '"x"'],
    ['Accept-Ranges', { set: { acceptRanges: true } }, 'accept-ranges', 'bytes'],
    ['another', { set: { extraHeaders: ['X-A', '1', 'X-A', '2'] } }, 'x-a', '1\n2'],
    ['status 494 on the wire', { status: 494 }, 'server', expect.stringMatching(/^portico/) as string],
  ])('%s', (_name, wanted, field, value) => {
    expect(fieldsOf(wanted).get(field)).toEqual(value)
  })

  it('has the date of this second', () => {
    const date = Date.parse(fieldsOf({}).get('date') ?? '')
    expect(Math.abs(Date.now() - date)).toBeLessThan(2000)
  })
})

describe('add_header', () => {
  it.each<[string, Wanted, Record<string, string | undefined>]>([
    [
      'on 200',
      { uri: '/add' },
      { 'x-usual': 'usual', 'x-always': 'always', 'x-empty': undefined, 'x-var': '/add' },
    ],
    ['on 404', { uri: '/add', status: 404 }, { 'x-usual': undefined, 'x-always': 'always' }],
    ...[200, 201, 204, 206, 301, 302, 303, 304, 307, 308].map(
      (status): [string, Wanted, Record<string, string>] => [
        `on ${status}`,
        { uri: '/add', status },
        { 'x-usual': 'usual' },
      ],
    ),
    ['of an outer block', { uri: '/inner/none' }, { 'x-outer': 'outer' }],
    ['of a block with its own', { uri: '/inner/own' }, { 'x-outer': undefined, 'x-own': 'own' }],
    [
      'of a field that is there once',
      { uri: '/replace', set: { etag: '"file"', lastModified: 5 } },
      { etag: '"own"', 'last-modified': 'own date' },
    ],
  ])('%s', (_name, wanted, expected) => {
    const fields = fieldsOf(wanted)
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, fields.get(name)]))).toEqual(
      expected,
    )
  })

  it('is not tried again for the page of an answer that failed', () => {
    expect(fieldsOf({ uri: '/add', set: { failed: true } }).get('x-always')).toBeUndefined()
  })
})

describe('expires', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 5, 15, 12, 0, 0) })
  })
  afterAll(() => {
    vi.useRealTimers()
  })

  const after = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString()

  it.each<[string, Wanted, () => [string | undefined, string | undefined]]>([
    ['max', { uri: '/max' }, () => ['Thu, 31 Dec 2037 23:55:55 GMT', 'max-age=315360000']],
    ['epoch', { uri: '/epoch' }, () => ['Thu, 01 Jan 1970 00:00:01 GMT', 'no-cache']],
    ['an hour', { uri: '/hour' }, () => [after(3600), 'max-age=3600']],
    ['an hour ago', { uri: '/past' }, () => [after(-3600), 'no-cache']],
    [
      'an hour after the change',
      { uri: '/modified', set: { lastModified: Date.now() / 1000 } },
      () => [after(3600), 'max-age=3600'],
    ],
    [
      'long after the change',
      { uri: '/modified', set: { lastModified: 3600 } },
      () => ['Thu, 01 Jan 1970 02:00:00 GMT', 'no-cache'],
    ],
    ['at a time of day', { uri: '/daily' }, () => [after(3.5 * 3600), 'max-age=12600']],
    ['beside add_header', { uri: '/both' }, () => [after(3600), 'max-age=3600\npublic']],
    ['not on 404', { uri: '/max', status: 404 }, () => [undefined, undefined]],
    ['not by itself', { uri: '/' }, () => [undefined, undefined]],
  ])('%s', (_name, wanted, expected) => {
    // the table was made before the clock was set
    if (wanted.set?.lastModified !== undefined && wanted.set.lastModified > 3600)
      Object.assign(wanted.set, { lastModified: Date.now() / 1000 })
    const fields = fieldsOf(wanted)
    expect([fields.get('expires'), fields.get('cache-control')]).toEqual(expected())
  })

  it('is tomorrow when the time of day is over', () => {
    vi.setSystemTime(new Date(2026, 5, 15, 16, 0, 0))
    expect(fieldsOf({ uri: '/daily' }).get('cache-control')).toBe(`max-age=${23.5 * 3600}`)
  })
})

describe('a head is never more than its lines', () => {
  it.each(['a\r\nX-Injected: 1', 'a\nb', 'a\rb', 'a\0b'])('%j as a value is refused', (value) => {
    for (const set of [{ extraHeaders: ['X-A', value] }, { etag: value }, { contentType: value }])
      expect(() => responseHead(requestFor({ set }))).toThrow(
        expect.objectContaining({ code: 'refused_header' }),
      )
  })

  it.each(['', 'X A', 'X:A', 'X\r\nA'])('%j as a name is refused', (name) => {
    expect(() => responseHead(requestFor({ set: { extraHeaders: [name, 'x'] } }))).toThrow(
      expect.objectContaining({ code: 'refused_header' }),
    )
  })
})
