/** HTTP/1.1 from a front, on real sockets of this process: framing, keeping, refusing, and the ends of connections. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Application, Environ } from '../../src/gateway/application.ts'
import { AppServerUnderTest } from '../support/app-server.ts'

let server: AppServerUnderTest

async function start(application: Application): Promise<void> {
  server = await new AppServerUnderTest(application, 'http').listen()
}

afterEach(() => server.close())

/** Everything that comes until the server ends its side, or until `enough` does. */
async function readUntil(socket: Socket, enough?: (text: string) => boolean): Promise<string> {
  let text = ''
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    if (enough?.(text)) resolve()
  })
  socket.on('end', resolve)
  socket.on('close', resolve)
  socket.on('error', () => resolve())
  await promise
  socket.removeAllListeners('data')
  return text.replace(/Date: [^\r]*\r\n/g, '')
}

/** Writes and reads to the end of the connection. */
async function talk(text: string): Promise<string> {
  const socket = await server.connect()
  socket.write(text, 'latin1')
  return readUntil(socket)
}

const hello: Application = (environ, startResponse) => {
  startResponse('200 OK', [['X-Path', environ.PATH_INFO]])
  return [Buffer.from('hello')]
}

const streamed: Application = (_environ, startResponse) => {
  startResponse('200 OK', [])
  return (function* () {
    yield Buffer.from('one')
    yield Buffer.from('three')
  })()
}

const echo: Application = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return [body]
}

describe('fields beside the head', () => {
  const told: Application = (environ, startResponse) => {
    environ['portico.early_hints']?.([['Link', '</a.css>; rel=preload']])
    environ['portico.early_hints']?.([['Link', '</b.css>; rel=preload']])
    startResponse('200 OK', [])
    environ['portico.early_hints']?.([['Link', '</c.css>; rel=preload']])
    environ['portico.trailers']?.([['X-Sum', 'first']])
    environ['portico.trailers']?.([['X-Sum', '42']])
    return [Buffer.from('hello')]
  }
  const hints = (name: string): string =>
    `HTTP/1.1 103 Early Hints\r\nLink: </${name}.css>; rel=preload\r\n\r\n`

  test('103 comes at once, trailers behind the chunks of a list, too', async () => {
    await start(told)
    expect(await talk('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toBe(
      `${hints('a')}${hints('b')}${hints('c')}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n` +
        '5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n',
    )
  })

  test('a front of HTTP/1.0 cannot be told, and a body with a length has none', async () => {
    await start(told)
    expect(await talk('GET / HTTP/1.0\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    )
    await server.close()
    await start((environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '5']])
      environ['portico.trailers']?.([['X-Sum', '42']])
      return [Buffer.from('hello')]
    })
    expect(await talk('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    )
  })

  test('what is said late goes to nobody, least of all to the next request', async () => {
    const said: (() => void)[] = []
    await start((environ, startResponse) => {
      for (const say of said.splice(0)) say()
      said.push(() => {
        environ['portico.early_hints']?.([['Link', '<of the one before>']])
        environ['portico.trailers']?.([['X-Late', '1']])
      })
      startResponse('200 OK', [])
      return [Buffer.from(environ.PATH_INFO)]
    })
    const answer = (path: string, more = ''): string =>
      `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${more}\r\n${path}`
    expect(
      await talk('GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    ).toBe(answer('/a') + answer('/b', 'Connection: close\r\n'))
  })

  test.each([
    ['portico.early_hints', [['Content-Length', '5']], 'WSGI_BAD_HEADER'],
    ['portico.early_hints', [['X', 'a\r\nb']], 'WSGI_BAD_HEADER'],
    ['portico.early_hints', [['Connection', 'close']], 'WSGI_HOP_BY_HOP'],
    ['portico.trailers', [['Content-Type', 'a/b']], 'WSGI_BAD_HEADER'],
    ['portico.trailers', [['Set-Cookie', 'a=b']], 'WSGI_BAD_HEADER'],
    ['portico.trailers', [['Transfer-Encoding', 'chunked']], 'WSGI_HOP_BY_HOP'],
    ['portico.trailers', [['X', '\u010a']], 'WSGI_BAD_HEADER'],
  ] as const)('%s refuses %j', async (key, headers, code) => {
    await start((environ, startResponse) => {
      let found = 'nothing'
      try {
        environ[key]?.(headers)
      } catch (error) {
        found = (error as { code: string }).code
      }
      startResponse('200 OK', [])
      return [Buffer.from(found)]
    })
    expect(await talk('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(
      new RegExp(`\r\n\r\n${code}$`),
    )
  })
})

describe('framing of responses', () => {
  test('a list has its length, and the connection is kept', async () => {
    await start(hello)
    expect(
      await talk('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    ).toBe(
      'HTTP/1.1 200 OK\r\nX-Path: /a\r\nContent-Length: 5\r\n\r\nhello' +
        'HTTP/1.1 200 OK\r\nX-Path: /b\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    )
  })

  test('a stream is chunked', async () => {
    await start(streamed)
    expect(await talk('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n',
    )
  })

  test('for HTTP/1.0 the end of the connection ends it', async () => {
    await start(streamed)
    expect(await talk('GET / HTTP/1.0\r\nHost: x\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonethree',
    )
  })

  test.each([
    ['HEAD', '200 OK', 'Content-Length: 5\r\n'],
    ['GET', '204 No Content', ''],
    ['GET', '304 Not Modified', ''],
  ])('%s with %s has no body', async (method, status, length) => {
    await start((_environ, startResponse) => {
      startResponse(status, [])
      return [Buffer.from('hello')]
    })
    expect(await talk(`${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toBe(
      `HTTP/1.1 ${status}\r\n${length}Connection: close\r\n\r\n`,
    )
  })

  test('what breaks off has no last chunk', async () => {
    await start((_environ, startResponse) => {
      startResponse('200 OK', [])
      return (async function* () {
        yield Buffer.from('one')
        await new Promise((resolve) => setTimeout(resolve, 10))
        throw new Error('midway')
      })()
    })
    const answer = await talk('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(answer).toContain('3\r\none\r\n')
    expect(answer).not.toContain('\r\n0\r\n\r\n')
    expect(server.lines.join()).toContain('Error: midway')
  })
})

describe('bodies of requests', () => {
  test.each([
    ['with a length', 'Content-Length: 5\r\n\r\nhello', 'hello'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n', 'hello'],
    ['empty', 'Content-Length: 0\r\n\r\n', ''],
  ])('%s', async (_name, rest, body) => {
    await start(echo)
    const answer = await talk(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`)
    expect(answer.split('\r\n\r\n').slice(1).join('')).toBe(body)
  })

  test('a front that waits for it is told to go on', async () => {
    await start(echo)
    const socket = await server.connect()
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    )
    const [first] = (await once(socket, 'data')) as [Buffer]
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('ok')
    expect(await readUntil(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/)
  })

  test('one that nobody reads does not become the next request', async () => {
    await start(hello)
    const answer = await talk(
      'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    )
    expect(Array.from(answer.matchAll(/X-Path: (\S+)/g), (match) => match[1])).toEqual(['/a', '/b'])
  })

  test('one that is cut short fails the read', async () => {
    const failure = Promise.withResolvers<unknown>()
    await start(async (environ) => {
      await environ['wsgi.input'].read().catch(failure.resolve)
      return []
    })
    const socket = await server.connect()
    socket.end('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf')
    expect(await failure.promise).toBeInstanceOf(Error)
  })
})

describe('what is no request', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a coding that nobody knows', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n', 501],
    ['a version of another kind', 'GET / HTTP/2.0\r\nHost: x\r\n\r\n', 505],
  ])('%s', async (_name, request, status) => {
    await start(hello)
    const answer = await talk(`${request}GET /next HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
    expect(answer).toContain('Connection: close')
    expect(answer).not.toContain('/next')
    expect(server.lines.some((line) => line.startsWith('error: ') && line.includes('front: '))).toBe(true)
  })
})

describe('the environ', () => {
  async function environOf(fields: string): Promise<Environ> {
    const seen = Promise.withResolvers<Environ>()
    await start((environ, startResponse) => {
      seen.resolve(environ)
      return hello(environ, startResponse)
    })
    await talk(`GET /p%20q?x=1 HTTP/1.1\r\nHost: shop.test:8080\r\nConnection: close\r\n${fields}\r\n`)
    return seen.promise
  }

  test('has the request and its host', async () => {
    expect(await environOf('')).toMatchObject({
      REQUEST_METHOD: 'GET',
      PATH_INFO: '/p q',
      QUERY_STRING: 'x=1',
      SERVER_NAME: 'shop.test',
      SERVER_PORT: '8080',
      SERVER_PROTOCOL: 'HTTP/1.1',
    })
  })

  test('takes the id of the request from its field, and errors are logged with it', async () => {
    expect((await environOf('X-Request-Id: 4f2a\r\n'))['REQUEST_ID']).toBe('4f2a')
    await server.close()
    await start(() => {
      throw new Error('boom')
    })
    await talk('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: 4f2a\r\n\r\n')
    expect(server.lines.join()).toContain('error: request 4f2a: GET /: Error: boom')
  })

  test('never has what would be taken for a variable of the front', async () => {
    const environ = await environOf('Proxy: evil\r\nX_Real: 1\r\n')
    expect(environ['HTTP_PROXY']).toBeUndefined()
    expect(environ['HTTP_X_REAL']).toBeUndefined()
  })
})

describe('ends', () => {
  test('a front that goes away aborts what it asked for', async () => {
    const seen = Promise.withResolvers<AbortSignal>()
    await start((environ) => {
      seen.resolve(environ['portico.signal'] as AbortSignal)
      return new Promise(() => undefined)
    })
    const socket = await server.connect()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const signal = await seen.promise
    socket.destroy()
    if (!signal.aborted) await once(signal, 'abort')
    expect(signal.reason).toMatchObject({ message: 'the client went away' })
  })

  test('a draining worker answers what it has begun and closes', async () => {
    const go = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    await start(async (environ, startResponse) => {
      begun.resolve()
      await go.promise
      return hello(environ, startResponse)
    })
    const socket = await server.connect()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await begun.promise
    const drained = server.app.drain()
    go.resolve()
    expect(await readUntil(socket)).toContain('Connection: close\r\n\r\nhello')
    socket.end()
    await drained
  })
})
