import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { HeaderTable } from '../../src/http/header-table.ts'
import {
  cgiNameToHeader,
  environFromParams,
  environFromRequest,
  headerToCgiName,
  type EnvironContext,
  type HttpConnectionInfo,
} from '../../src/gateway/environ.ts'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'
import { emptyInput } from '../../src/gateway/input-stream.ts'
import { decodePath, pathOfTarget } from '../../src/gateway/path-info.ts'
import { WsgiError } from '../../src/gateway/wsgi-error.ts'

const CONTEXT: EnvironContext = {
  input: emptyInput,
  errors: new LineErrorStream(() => undefined),
  multiprocess: true,
}

/** The CGI part of an environ; `GET` stands for itself in each case. */
function variables(params: Record<string, string> | string[], mount = ''): Record<string, unknown> {
  const flat = Array.isArray(params) ? params : Object.entries(params).flat()
  const environ = environFromParams(['REQUEST_METHOD', 'GET', ...flat], { ...CONTEXT, mount })
  return Object.fromEntries(Object.entries(environ).filter(([key]) => !key.startsWith('wsgi.')))
}

const ALWAYS = {
  REQUEST_METHOD: 'GET',
  SCRIPT_NAME: '',
  PATH_INFO: '',
  QUERY_STRING: '',
  SERVER_NAME: 'localhost',
  SERVER_PORT: '80',
  SERVER_PROTOCOL: 'HTTP/1.0',
}

describe('headerToCgiName', () => {
  it.each([
    ['x-foo', 'HTTP_X_FOO'],
    ['X-Foo', 'HTTP_X_FOO'],
    ['host', 'HTTP_HOST'],
    ['x1', 'HTTP_X1'],
    ['x_foo', undefined],
    ['x.foo', undefined],
    ['x foo', undefined],
    ['x\xe9', undefined],
    ['', undefined],
    ['proxy', undefined],
    ['Proxy', undefined],
    ['content-length', undefined],
    ['Content-Type', undefined],
    ['__proto__', undefined],
    ['constructor', 'HTTP_CONSTRUCTOR'],
  ])('maps %j to %j', (header, name) => {
    for (let time = 0; time < 2; time++) expect(headerToCgiName(header)).toBe(name)
  })

  it('answers the same when its memory is full', () => {
    for (let i = 0; i < 5000; i++) expect(headerToCgiName(`x-${i}`)).toBe(`HTTP_X_${i}`)
    expect(headerToCgiName('x-4999')).toBe('HTTP_X_4999')
    expect(headerToCgiName('x_4999')).toBe(undefined)
  })
})

describe('names that are remembered', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  it.each<[string, string, (name: string) => unknown]>([
    ['of headers', 'x-block-of', headerToCgiName],
    ['of variables', 'BLOCK_OF', remembered],
    ['of variables that no environ gets', 'HTTP_BLOCK.OF', remembered],
  ])('%s keep nothing of the block they came in', (_name, beginning, remember) => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 1000; i += 1) {
      const name = `${beginning}${i}`
      const block = Buffer.alloc(65_536, name).toString('latin1')
      remember(block.slice(0, name.length))
    }
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 << 20)
  })
})

function remembered(name: string): unknown {
  return environFromParams(['REQUEST_METHOD', 'GET', name, ''], CONTEXT)
}

describe('cgiNameToHeader', () => {
  it.each([
    ['HTTP_X_FOO', 'x-foo'],
    ['CONTENT_TYPE', 'content-type'],
    ['CONTENT_LENGTH', 'content-length'],
    ['REQUEST_METHOD', undefined],
    ['HTTP_', undefined],
    ['HTTP_x', undefined],
    ['wsgi.input', undefined],
  ])('maps %j to %j', (name, header) => {
    expect(cgiNameToHeader(name)).toBe(header)
  })
})

describe('environFromParams', () => {
  it('has no prototype, and what PEP 3333 asks for', () => {
    const environ = environFromParams(['REQUEST_METHOD', 'GET'], CONTEXT)
    expect(Object.getPrototypeOf(environ)).toBe(null)
    expect({ ...environ }).toEqual({
      ...ALWAYS,
      'wsgi.version': [1, 0],
      'wsgi.url_scheme': 'http',
      'wsgi.input': CONTEXT.input,
      'wsgi.input_terminated': true,
      'wsgi.errors': CONTEXT.errors,
      'wsgi.multithread': false,
      'wsgi.multiprocess': true,
      'wsgi.run_once': false,
    })
  })

  it('refuses a request without a method', () => {
    for (const params of [[], ['REQUEST_METHOD', ''], ['HTTP_HOST', 'x']]) {
      expect(() => environFromParams(params, CONTEXT)).toThrow(new WsgiError('WSGI_NO_METHOD'))
    }
  })

  it.each<[string, string[], Record<string, string>]>([
    ['leaves out empty CONTENT_TYPE and CONTENT_LENGTH', ['CONTENT_TYPE', '', 'CONTENT_LENGTH', ''], {}],
    [
      'keeps CONTENT_TYPE and CONTENT_LENGTH',
      ['CONTENT_TYPE', 'a/b', 'CONTENT_LENGTH', '0'],
      { CONTENT_TYPE: 'a/b', CONTENT_LENGTH: '0' },
    ],
    [
      'never takes HTTP_CONTENT_LENGTH and HTTP_CONTENT_TYPE',
      ['CONTENT_LENGTH', '5', 'HTTP_CONTENT_LENGTH', '6', 'HTTP_CONTENT_TYPE', 'x'],
      { CONTENT_LENGTH: '5' },
    ],
    ['never takes HTTP_PROXY', ['HTTP_PROXY', 'http://evil'], {}],
    [
      'never takes keys of WSGI or other names with dots',
      ['wsgi.input', 'x', 'wsgi.url_scheme', 'https', 'portico.x', 'y', 'a-b', 'z', '', 'e'],
      {},
    ],
    [
      'keeps __proto__ a plain variable',
      ['__proto__', 'x'],
      JSON.parse('{"__proto__": "x"}') as Record<string, string>,
    ],
    [
      'takes the last of a variable that is there twice',
      ['SERVER_NAME', 'a', 'SERVER_NAME', 'b'],
      { SERVER_NAME: 'b' },
    ],
    ['joins a header that is there twice', ['HTTP_X', 'a', 'HTTP_X', 'b'], { HTTP_X: 'a, b' }],
    ['joins cookies as cookies', ['HTTP_COOKIE', 'a=1', 'HTTP_COOKIE', 'b=2'], { HTTP_COOKIE: 'a=1; b=2' }],
    ['keeps empty headers', ['HTTP_X', ''], { HTTP_X: '' }],
    ['fills in empty names and ports', ['SERVER_NAME', '', 'SERVER_PORT', ''], {}],
  ])('%s', (_, params, expected) => {
    expect(variables(params)).toEqual({ ...ALWAYS, ...expected })
  })

  it.each<[Record<string, string>, string, string]>([
    [{}, 'http', '80'],
    [{ HTTPS: 'on' }, 'https', '443'],
    [{ HTTPS: 'ON' }, 'https', '443'],
    [{ HTTPS: '1' }, 'https', '443'],
    [{ HTTPS: 'off', REQUEST_SCHEME: 'https' }, 'http', '80'],
    [{ HTTPS: '', REQUEST_SCHEME: 'https' }, 'https', '443'],
    [{ REQUEST_SCHEME: 'https', SERVER_PORT: '8443' }, 'https', '8443'],
    [{ UWSGI_SCHEME: 'https' }, 'https', '443'],
    [{ UWSGI_SCHEME: 'gopher', HTTPS: 'on' }, 'http', '80'],
    [{ HTTP_X_FORWARDED_PROTO: 'https' }, 'http', '80'],
  ])('takes the scheme of %j as %s', (params, scheme, port) => {
    const environ = environFromParams(['REQUEST_METHOD', 'GET', ...Object.entries(params).flat()], CONTEXT)
    expect([environ['wsgi.url_scheme'], environ.SERVER_PORT]).toEqual([scheme, port])
  })

  it.each<[string, Record<string, string>, string, [script: string, info: string]]>([
    ['uwsgi_params', { PATH_INFO: '/a b/\xc3\xa9' }, '', ['', '/a b/\xc3\xa9']],
    ['fastcgi_params', { SCRIPT_NAME: '/a', DOCUMENT_URI: '/a', REQUEST_URI: '/a?q' }, '', ['', '/a']],
    [
      'fastcgi_params, with fastcgi_index',
      { SCRIPT_NAME: '/index.php', DOCUMENT_URI: '/', REQUEST_URI: '/' },
      '',
      ['', '/'],
    ],
    ['DOCUMENT_URI, which is decoded already: not again', { DOCUMENT_URI: '/100%25' }, '', ['', '/100%25']],
    [
      'REQUEST_URI alone, which is not decoded',
      { REQUEST_URI: '/a%20b/%C3%A9?x=%20' },
      '',
      ['', '/a b/\xc3\xa9'],
    ],
    ['REQUEST_URI in absolute form', { REQUEST_URI: 'http://h:1/p?x' }, '', ['', '/p']],
    ['SCRIPT_NAME alone', { SCRIPT_NAME: '/a' }, '', ['', '/a']],
    [
      'fastcgi_params, then SCRIPT_NAME set to a mount',
      { SCRIPT_NAME: '/shop', DOCUMENT_URI: '/shop/cart' },
      '',
      ['/shop', '/cart'],
    ],
    [
      'a SCRIPT_NAME that is only the beginning of a name',
      { SCRIPT_NAME: '/shop', DOCUMENT_URI: '/shopping' },
      '',
      ['', '/shopping'],
    ],
    [
      'SCRIPT_NAME and PATH_INFO of a CGI gateway',
      { SCRIPT_NAME: '/shop', PATH_INFO: '/cart' },
      '',
      ['/shop', '/cart'],
    ],
    ['a mount with an empty rest', { SCRIPT_NAME: '/shop', PATH_INFO: '' }, '', ['/shop', '']],
    ['SCRIPT_NAME / as the root', { SCRIPT_NAME: '/', PATH_INFO: '/x' }, '', ['', '/x']],
    ['the path twice', { SCRIPT_NAME: '/a', PATH_INFO: '/a' }, '', ['', '/a']],
    ['a mount of ours', { PATH_INFO: '/shop/cart' }, '/shop', ['/shop', '/cart']],
    ['a mount of ours, exactly', { PATH_INFO: '/shop' }, '/shop', ['/shop', '']],
    ['a mount of ours that does not match', { PATH_INFO: '/shopping' }, '/shop', ['', '/shopping']],
    [
      'a mount of ours behind fastcgi_params',
      { SCRIPT_NAME: '/shop/x', DOCUMENT_URI: '/shop/x' },
      '/shop',
      ['/shop', '/x'],
    ],
    ['nothing', {}, '', ['', '']],
  ])('splits the path of %s', (_, params, mount, [script, info]) => {
    const seen = variables(params, mount)
    expect([seen.SCRIPT_NAME, seen.PATH_INFO]).toEqual([script, info])
  })
})

describe('environFromRequest', () => {
  const CONNECTION: HttpConnectionInfo = {
    scheme: 'http',
    serverName: 'example.org',
    serverPort: 8080,
    remoteAddress: '127.0.0.1',
    remotePort: 4711,
  }

  function environ(
    target: string,
    headers: [string, string][],
    contentLength?: number,
    version = 11,
    mount = '',
  ) {
    const table = new HeaderTable()
    for (const [name, value] of headers) table.add(name.toLowerCase(), name, value)
    const head = { method: 'POST', target, version, headers: table }
    return environFromRequest(head, CONNECTION, contentLength, { ...CONTEXT, mount })
  }

  it('gives what a front would give', () => {
    const seen = environ(
      '/a%20b/c?x=%20&y',
      [
        ['Host', 'example.org:8080'],
        ['Content-Type', 'a/b'],
        ['Content-Length', '5'],
        ['Cookie', 'a=1'],
        ['Cookie', 'b=2'],
        ['X-A', '1'],
        ['X-A', '2'],
        ['X_B', 'dropped'],
        ['Proxy', 'http://evil'],
        ['__proto__', 'dropped'],
      ],
      5,
    )
    expect(Object.getPrototypeOf(seen)).toBe(null)
    expect(Object.fromEntries(Object.entries(seen).filter(([key]) => !key.startsWith('wsgi.')))).toEqual({
      REQUEST_METHOD: 'POST',
      REQUEST_URI: '/a%20b/c?x=%20&y',
      SCRIPT_NAME: '',
      PATH_INFO: '/a b/c',
      QUERY_STRING: 'x=%20&y',
      SERVER_NAME: 'example.org',
      SERVER_PORT: '8080',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_PORT: '4711',
      CONTENT_TYPE: 'a/b',
      CONTENT_LENGTH: '5',
      HTTP_HOST: 'example.org:8080',
      HTTP_COOKIE: 'a=1; b=2',
      HTTP_X_A: '1, 2',
    })
    expect(seen['wsgi.url_scheme']).toBe('http')
  })

  it('takes the length from the codec, not from the header', () => {
    expect(environ('/', [['Content-Length', '5']], 5).CONTENT_LENGTH).toBe('5')
    expect(environ('/', [['Content-Length', '0']], 0).CONTENT_LENGTH).toBe('0')
    expect('CONTENT_LENGTH' in environ('/', [], 0)).toBe(false)
    expect('CONTENT_LENGTH' in environ('/', [['Transfer-Encoding', 'chunked']])).toBe(false)
  })

  it('knows the mount, the scheme and the version', () => {
    const mounted = environ('/shop/cart', [], 0, 10, '/shop')
    expect([mounted.SCRIPT_NAME, mounted.PATH_INFO, mounted.SERVER_PROTOCOL]).toEqual([
      '/shop',
      '/cart',
      'HTTP/1.0',
    ])
    const secure = environFromRequest(
      { method: 'GET', target: '/', version: 9, headers: new HeaderTable() },
      { ...CONNECTION, scheme: 'https' },
      0,
      CONTEXT,
    )
    expect([secure['wsgi.url_scheme'], secure.HTTPS, secure.SERVER_PROTOCOL]).toEqual([
      'https',
      'on',
      'HTTP/0.9',
    ])
  })
})

describe('path of a request target', () => {
  it.each([
    ['/a?b', '/a?b'],
    ['http://h/a?b', '/a?b'],
    ['http://h', '/'],
    ['http://h?b', '/?b'],
    ['*', ''],
    ['//h/a', '//h/a'],
  ])('of %j is %j', (target, path) => {
    expect(pathOfTarget(target)).toBe(path)
  })

  it.each([
    ['/a', '/a'],
    ['/%41%2f%2F', '/A//'],
    ['/%C3%A9', '/\xc3\xa9'],
    ['/%2541', '/%41'],
    ['/%', '/%'],
    ['/%4', '/%4'],
    ['/%zz%41', '/%zzA'],
    ['/%%41', '/%A'],
    ['/%00', '/\0'],
    ['/%4g%g4%ff', '/%4g%g4\xff'],
  ])('decodes %j once, to %j', (path, decoded) => {
    expect(decodePath(path)).toBe(decoded)
  })
})
