import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fetchApplication } from '../../src/app/adapters/fetch-application.ts'
import { NO_LIMITS, Scoreboard } from '../../src/app/scoreboard.ts'
import type { ServedRequest } from '../../src/app/served-request.ts'
import type { Application, Environ, ResponseBody } from '../../src/gateway/application.ts'
import { encodeGetValues, flowText } from '../../src/protocol/fastcgi/request-encoder.ts'
import { FCGI_OVERLOADED, FCGI_UNKNOWN_ROLE } from '../../src/protocol/fastcgi/record.ts'
import { AppServerUnderTest } from '../support/app-server.ts'
import type { FastcgiClient } from '../support/fastcgi-client.ts'

const COMPLETE = { appStatus: 0, protocolStatus: 0 }
const running: AppServerUnderTest[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function serve(application: Application, by?: 'handle' | 'socket'): Promise<AppServerUnderTest> {
  const server = await new AppServerUnderTest(application, 'fastcgi', by).listen()
  running.push(server)
  return server
}

async function connectTo(application: Application): Promise<[FastcgiClient, AppServerUnderTest]> {
  const server = await serve(application)
  return [await server.client(), server]
}

const hello: Application = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(`hello ${environ.PATH_INFO}`)]
}

/** Answers with the body it was sent. */
const echo: Application = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [['Content-Type', 'application/octet-stream']])
  return [body]
}

/** A promise and the means to settle it, for an application that waits for the test. */
function gate(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>()
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 2000) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a request', () => {
  test('gets its answer, and the connection stays', async () => {
    const [client] = await connectTo(hello)
    for (const path of ['/a', '/b']) {
      expect(await client.request(1, { PATH_INFO: path })).toEqual({
        head: ['Status: 200 OK', 'Content-Type: text/plain', 'Content-Length: 8'],
        body: Buffer.from(`hello ${path}`),
        end: COMPLETE,
      })
    }
  })

  test.each(['handle', 'socket'] as const)('takes a large body by a %s, and gives it back', async (by) => {
    const client = await (await serve(echo, by)).client()
    const body = randomBytes(3_000_000)
    for (let round = 0; round < 2; round += 1) {
      const answer = await client.request(1, { REQUEST_METHOD: 'POST' }, body)
      expect(answer.body.equals(body)).toBe(true)
    }
  })

  test.each(['handle', 'socket'] as const)('without the keep flag ends a connection on a %s', async (by) => {
    const client = await (await serve(hello, by)).client()
    const answer = await client.request(1, {}, undefined, { keepConnection: false })
    expect(answer.end).toEqual(COMPLETE)
    await client.closed
  })

  test('sees the environ of the front, and the keys of WSGI', async () => {
    let seen: Environ | undefined
    const [client] = await connectTo((environ, startResponse) => {
      seen = environ
      return hello(environ, startResponse)
    })
    await client.request(7, {
      HTTP_HOST: 'x',
      HTTP_PROXY: 'evil',
      REQUEST_SCHEME: 'https',
      'wsgi.input': 'evil',
    })
    expect(seen?.['HTTP_HOST']).toBe('x')
    expect(seen?.['HTTP_PROXY']).toBeUndefined()
    expect(seen?.['wsgi.url_scheme']).toBe('https')
    expect(seen?.['wsgi.multiprocess']).toBe(false)
    expect(await seen?.['wsgi.input'].read()).toEqual(Buffer.alloc(0))
    expect(seen?.['portico.signal']).toBeInstanceOf(AbortSignal)
  })

  test.each([0, 1, 65_535, 65_536, 10 * 1024 * 1024])('with a body of %d bytes', async (size) => {
    const [client] = await connectTo(echo)
    const body = randomBytes(size)
    for (let round = 0; round < 2; round += 1) {
      const answer = await client.request(1, { REQUEST_METHOD: 'POST' }, body)
      expect(answer.end).toEqual(COMPLETE)
      expect(sha1(answer.body)).toBe(sha1(body))
    }
  })

  test('whose body has no length but the end of stdin', async () => {
    const [client] = await connectTo(echo)
    const answer = client.begin(1, { REQUEST_METHOD: 'POST' })
    for (const part of ['one ', 'two ', 'three']) {
      client.body(1, Buffer.from(part))
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.bodyEnd(1)
    expect((await answer).body.toString()).toBe('one two three')
  })

  test('that comes byte by byte', async () => {
    const [reference] = await connectTo(echo)
    const sent: Buffer[] = []
    reference.socket.write = (data: string | Uint8Array) => {
      sent.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data))
      return true
    }
    void reference.request(1, { REQUEST_METHOD: 'POST', HTTP_X: 'y'.repeat(200) }, Buffer.from('body'))
    const [client] = await connectTo(echo)
    const received: Buffer[] = []
    client.socket.removeAllListeners('data')
    client.socket.on('data', (bytes) => received.push(bytes))
    client.socket.setNoDelay(true)
    for (const byte of Buffer.concat(sent)) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => Buffer.concat(received).includes('\r\n\r\nbody'))
  })

  test.each([
    ['without a method', { REQUEST_METHOD: '' }],
    ['with nonsense for a length', { CONTENT_LENGTH: '1e3' }],
    ['with a length past all counting', { CONTENT_LENGTH: '9'.repeat(16) }],
  ])('%s is answered with 400 and never reaches the application', async (_, params) => {
    let calls = 0
    const [client, server] = await connectTo((environ, startResponse) => {
      calls += 1
      return hello(environ, startResponse)
    })
    const answer = await client.request(1, params)
    expect(answer.head[0]).toBe('Status: 400 Bad Request')
    expect(answer.end).toEqual(COMPLETE)
    expect(calls).toBe(0)
    expect(server.lines).toHaveLength(1)
    expect((await client.request(2, {})).head[0]).toBe('Status: 200 OK')
  })
})

describe('multiplexing', () => {
  test('answers of one turn leave in one write', async () => {
    const [client, server] = await connectTo(hello)
    client.socket.cork()
    const answers = Array.from({ length: 50 }, (_, index) =>
      client.request(index + 1, { PATH_INFO: `/${index}` }),
    )
    client.socket.uncork()
    const bodies = (await Promise.all(answers)).map(({ body }) => body.toString())
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, index) => `hello /${index}`))
    // one, unless the machine is so busy that the turn lasts for milliseconds
    expect(server.writes).toBeLessThanOrEqual(5)
  })

  test('so do those of applications that waited for the same promise', async () => {
    const { promise, resolve } = gate()
    const [client, server] = await connectTo(async (environ, startResponse) => {
      await promise
      return hello(environ, startResponse)
    })
    const answers = Array.from({ length: 20 }, (_, index) => client.request(index + 1, {}))
    await client.request(99, { REQUEST_METHOD: '' })
    server.writes = 0
    resolve()
    await Promise.all(answers)
    expect(server.writes).toBe(1)
  })

  test('requests are answered in the order in which they are done, bodies interleaved', async () => {
    const slow = gate()
    const [client] = await connectTo(async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read()
      if (environ.PATH_INFO === '/slow') await slow.promise
      startResponse('200 OK', [])
      return [body]
    })
    const one = client.begin(1, { PATH_INFO: '/slow' })
    const two = client.begin(300, { PATH_INFO: '/fast' })
    client.body(1, Buffer.from('a'))
    client.body(300, Buffer.from('x'))
    client.body(1, Buffer.from('b'))
    client.bodyEnd(1)
    client.body(300, Buffer.from('y'))
    client.bodyEnd(300)
    expect((await two).body.toString()).toBe('xy')
    slow.resolve()
    expect((await one).body.toString()).toBe('ab')
  })

  test('management records are answered', async () => {
    const [client] = await connectTo(hello)
    client.socket.write(encodeGetValues(['FCGI_MPXS_CONNS', 'FCGI_MAX_REQS', 'NOBODY_KNOWS']))
    client.socket.write(Buffer.from([1, 77, 0, 0, 0, 0, 0, 0]))
    await until(() => client.unknownTypes.length > 0)
    expect(client.values).toEqual([['FCGI_MAX_REQS', '1024', 'FCGI_MPXS_CONNS', '1']])
    expect(client.unknownTypes).toEqual([77])
  })

  test('another role is refused, too many requests are overload; the connection lives', async () => {
    const { promise, resolve } = gate()
    const [client] = await connectTo(async (environ, startResponse) => {
      await promise
      return hello(environ, startResponse)
    })
    expect((await client.request(2, {}, undefined, { role: 2 })).end?.protocolStatus).toBe(FCGI_UNKNOWN_ROLE)
    const waiting = Array.from({ length: 1024 }, (_, index) => client.request(index + 1, {}))
    const refused = await client.request(2000, {})
    expect(refused).toEqual({
      head: [],
      body: Buffer.alloc(0),
      end: { appStatus: 0, protocolStatus: FCGI_OVERLOADED },
    })
    resolve()
    expect((await Promise.all(waiting)).every(({ end }) => end?.protocolStatus === 0)).toBe(true)
  })
})

describe('a front that takes no more of one response', () => {
  test('pauses that alone, and what goes on is whole', async () => {
    let given = 0
    const [client] = await connectTo((environ, startResponse) => {
      if (environ.PATH_INFO !== '/large') return hello(environ, startResponse)
      startResponse('200 OK', [])
      return (async function* () {
        for (given = 0; given < 100; given += 1) {
          yield Buffer.alloc(10_000, 'x')
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
    })
    client.socket.cork()
    const large = client.request(1, { PATH_INFO: '/large' })
    client.socket.write(flowText(1, true), 'latin1')
    client.socket.uncork()
    for (let round = 0; round < 20; round += 1)
      expect(String((await client.request(2, { PATH_INFO: '/small' })).body)).toBe('hello /small')
    expect(given).toBeLessThan(5)
    client.socket.write(flowText(1, false), 'latin1')
    client.socket.write(flowText(9, true), 'latin1')
    expect((await large).body).toHaveLength(1_000_000)
    expect(client.unknownTypes).toEqual([])
  })

  test('and then goes away ends the application that waited', async () => {
    let ended = false
    const [client] = await connectTo((_environ, startResponse) => {
      startResponse('200 OK', [])
      return (async function* () {
        try {
          for (;;) yield Buffer.alloc(10_000, 'x')
        } finally {
          ended = true
        }
      })()
    })
    client.socket.cork()
    void client.request(1, {})
    client.socket.write(flowText(1, true), 'latin1')
    client.socket.uncork()
    await client.request(2, { REQUEST_METHOD: '' })
    client.abort(1)
    await until(() => ended)
  })
})

describe('a request whose time is over', () => {
  async function late(application: Application): Promise<[FastcgiClient, () => void]> {
    let nowMs = 1000
    const scoreboard = new Scoreboard<ServedRequest>({ ...NO_LIMITS, harakiriMs: 100 }, () => nowMs)
    const server = await new AppServerUnderTest(application, 'fastcgi', 'handle', scoreboard).listen()
    running.push(server)
    const sweep = (): void => {
      nowMs += 200
      scoreboard.sweep()
    }
    return [await server.client(), sweep]
  }

  test.each([1, 2])('ends the application that waits for its front, beside %d', async (others) => {
    let ended = ''
    const [client, sweep] = await late(async (environ, startResponse) => {
      if (environ.PATH_INFO !== '/large') return new Promise<never>(() => undefined)
      const write = startResponse('200 OK', [])
      try {
        for (;;) await write(Buffer.alloc(10_000, 'x'))
      } catch (error) {
        ended = String(error)
        throw error
      }
    })
    client.socket.cork()
    const large = client.request(1, { PATH_INFO: '/large' })
    client.socket.write(flowText(1, true), 'latin1')
    for (let id = 2; id <= others; id += 1) void client.request(id, {})
    client.socket.uncork()
    await client.request(9, { REQUEST_METHOD: '' })
    sweep()
    expect((await large).end).not.toEqual(COMPLETE)
    await until(() => ended !== '')
  })

  test.each(['read', 'iterate'] as const)(
    'does not take the part of a body that came for the whole: %s',
    async (how) => {
      let seen = ''
      const [client, sweep] = await late(async (environ, startResponse) => {
        const input = environ['wsgi.input']
        try {
          if (how === 'read') await input.read()
          else for await (const piece of input) seen = `${piece.length} bytes, `
          seen += 'whole'
        } catch (error) {
          seen += String(error)
          throw error
        }
        return hello(environ, startResponse)
      })
      const answer = client.begin(1, { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '100' })
      client.body(1, Buffer.alloc(40))
      await client.request(9, { REQUEST_METHOD: '' })
      sweep()
      expect((await answer).head[0]).toBe('Status: 504 Gateway Timeout')
      await until(() => /whole|Error/.test(seen))
      expect(seen).toMatch(/TimeoutError: the request ran for 0.2 s$/)
    },
  )
})

describe('an application that fails', () => {
  const failing: Application = (environ, startResponse) => {
    if (environ.PATH_INFO.startsWith('/boom')) throw new TypeError('it broke')
    return hello(environ, startResponse)
  }

  test('is a 500, logged once with id, method, path and stack; the worker lives', async () => {
    const [client, server] = await connectTo(failing)
    const answer = await client.request(1, {
      PATH_INFO: '/boom\n\x1b[1mforged',
      REQUEST_ID: 'c0ffee',
      REQUEST_METHOD: 'PUT',
    })
    expect(answer.head[0]).toBe('Status: 500 Internal Server Error')
    expect(answer.end).toEqual(COMPLETE)
    expect(server.lines).toHaveLength(1)
    expect(server.lines[0]).toMatch(
      /^error: request c0ffee: PUT \/boom\\x0a\\x1b\[1mforged: TypeError: it broke\n {4}at .*fastcgi\.test\.ts/,
    )
    expect((await client.request(1, {})).head[0]).toBe('Status: 200 OK')
  })

  test('after its first piece, before that has left, is still a 500', async () => {
    const [client, server] = await connectTo(function* (_, startResponse) {
      startResponse('200 OK', [])
      yield Buffer.from('half of')
      throw new Error('late')
    } as Application)
    const answer = await client.request(1, {})
    expect(answer.head[0]).toBe('Status: 500 Internal Server Error')
    expect(answer.body).toHaveLength(0)
    expect(server.lines).toHaveLength(1)
  })

  /** Sends a piece, and fails when `signal` says so. */
  function breaking(now: Promise<void>): Application {
    return async function* (environ: Environ, startResponse: Parameters<Application>[1]) {
      startResponse('200 OK', [])
      yield Buffer.from('half of')
      await now
      if (environ.PATH_INFO === '/') throw new Error('late')
      yield Buffer.from(' it')
    }
  }

  test('after a part has left closes the connection without an end record', async () => {
    const { promise, resolve } = gate()
    const [client] = await connectTo(breaking(promise))
    const answer = client.request(1, {})
    setTimeout(resolve, 20)
    expect(await answer).toMatchObject({
      head: ['Status: 200 OK'],
      body: Buffer.from('half of'),
      end: undefined,
    })
  })

  test('beside other requests ends with a status that is not complete, and leaves them alone', async () => {
    const { promise, resolve } = gate()
    const [client] = await connectTo(breaking(promise))
    const broken = client.request(1, {})
    const whole = client.request(2, { PATH_INFO: '/whole' })
    setTimeout(resolve, 20)
    expect((await broken).end).toEqual({ appStatus: 1, protocolStatus: FCGI_OVERLOADED })
    expect(await whole).toMatchObject({ body: Buffer.from('half of it'), end: COMPLETE })
  })

  test('its complaints go to the log with the id of the request', async () => {
    const [client, server] = await connectTo((environ, startResponse) => {
      environ['wsgi.errors'].write('one\ntwo \x1b[2J')
      return hello(environ, startResponse)
    })
    await client.request(1, { REQUEST_ID: 'abc' })
    await client.request(1, {})
    expect(server.lines).toEqual([
      'error: request abc: one',
      'error: request abc: two \\x1b[2J',
      'error: request -: one',
      'error: request -: two \\x1b[2J',
    ])
  })
})

describe('a client that goes away', () => {
  /** Yields until it is closed. */
  function endless() {
    const state = { produced: 0, closed: 0, aborted: 0, body: '' }
    const application: Application = (environ, startResponse) => {
      const signal = environ['portico.signal'] as AbortSignal
      signal.addEventListener('abort', () => (state.aborted += 1))
      environ['wsgi.input'].read().then(
        (body) => (state.body = body.toString()),
        (error: Error) => (state.body = error.name),
      )
      startResponse('200 OK', [])
      const pieces = (function* () {
        try {
          for (;;) {
            state.produced += 1
            yield Buffer.alloc(16_384, 'x')
          }
        } finally {
          state.closed += 1
        }
      })()
      return pieces as ResponseBody
    }
    return { state, application }
  }

  test('by an abort record: the application is closed, the end record comes, the connection stays', async () => {
    const { state, application } = endless()
    const [client] = await connectTo((environ, startResponse) =>
      environ.PATH_INFO === '/hello' ? hello(environ, startResponse) : application(environ, startResponse),
    )
    const answer = client.begin(1, { CONTENT_LENGTH: '10' })
    await until(() => state.produced > 100)
    client.abort(1)
    expect((await answer).end).toEqual(COMPLETE)
    await until(() => state.closed === 1)
    expect(state).toMatchObject({ aborted: 1, body: 'WsgiError' })
    expect((await client.request(1, { PATH_INFO: '/hello' })).body.toString()).toBe('hello /hello')
  })

  test('by an abort record that came with the request: nothing follows the end record', async () => {
    const [client] = await connectTo(async (environ, startResponse) => {
      if (environ.PATH_INFO === '/hello') return hello(environ, startResponse)
      await startResponse('200 OK', [])(Buffer.from('first'))
      return new Promise<never>(() => undefined)
    })
    client.socket.cork()
    const [aborted, other] = [client.request(1, {}), client.request(2, { PATH_INFO: '/hello' })]
    client.abort(1)
    client.socket.uncork()
    expect((await aborted).end).toEqual(COMPLETE)
    expect((await other).end).toEqual(COMPLETE)
    expect((await client.request(1, { PATH_INFO: '/hello' })).body.toString()).toBe('hello /hello')
  })

  test.each(['end', 'destroy'] as const)('by %s() of the connection', async (how) => {
    const { state, application } = endless()
    const [client] = await connectTo(application)
    void client.begin(1, {})
    await until(() => state.produced > 10)
    client.socket[how]()
    await until(() => state.closed === 1)
    expect(state).toMatchObject({ aborted: 1, body: 'WsgiError' })
  })

  test('or only reads nothing: the application waits, memory does not grow', async () => {
    const { state, application } = endless()
    const [client] = await connectTo(application)
    client.socket.pause()
    void client.request(1, {})
    await until(() => state.produced > 5)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const stalledAt = state.produced
    expect(stalledAt).toBeLessThan(200)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(state.produced).toBe(stalledAt)
    client.socket.resume()
    await until(() => state.produced > stalledAt + 100)
  })

  test('who sends requests and reads no answers is not read from for ever', async () => {
    let calls = 0
    const [client] = await connectTo((_, startResponse) => {
      calls += 1
      startResponse('200 OK', [])
      return [Buffer.alloc(10_000)]
    })
    client.socket.pause()
    const answers = Array.from({ length: 3000 }, (_, index) => client.request(index + 1, {}))
    await new Promise((resolve) => setTimeout(resolve, 300))
    // what the answers of 1 MiB and the connection's 1024 requests under way come to, at the most
    expect(calls).toBeLessThan(2600)
    client.socket.resume()
    // on a busy machine more wait for their turn than a connection may have under way
    const refused = (await Promise.all(answers)).filter(
      ({ end }) => end?.protocolStatus === FCGI_OVERLOADED,
    ).length
    expect(calls + refused).toBe(3000)
    expect(calls).toBeGreaterThanOrEqual(1024)
  })
})

describe('bodies that nobody reads', () => {
  test('hold the front back while the application thinks, and are dropped when it has answered', async () => {
    const { promise, resolve } = gate()
    const [client] = await connectTo(async (environ, startResponse) => {
      await promise
      return hello(environ, startResponse)
    })
    const answer = client.request(1, { REQUEST_METHOD: 'POST' }, randomBytes(10 * 1024 * 1024))
    await new Promise((done) => setTimeout(done, 100))
    expect(client.socket.writableLength).toBeGreaterThan(8 * 1024 * 1024)
    resolve()
    expect((await answer).head[0]).toBe('Status: 200 OK')
    await until(() => client.socket.writableLength === 0)
    expect((await client.request(2, {})).head[0]).toBe('Status: 200 OK')
  })

  test('do not break off the answer on a connection that ends with it', async () => {
    const [client] = await connectTo(hello)
    const body = randomBytes(1024 * 1024)
    const answer = await client.request(1, { REQUEST_METHOD: 'POST' }, body, { keepConnection: false })
    expect(answer).toMatchObject({ body: Buffer.from('hello /'), end: COMPLETE })
  })
})

describe('a body that is not as long as it says', () => {
  test('shorter: the application gets an error, not a part that looks whole', async () => {
    let reason: unknown
    const [client] = await connectTo(async (environ, startResponse) => {
      await environ['wsgi.input'].read().catch((error: unknown) => (reason = error))
      return hello(environ, startResponse)
    })
    await client.request(1, { CONTENT_LENGTH: '10' }, Buffer.from('four'))
    expect(reason).toMatchObject({ code: 'WSGI_INPUT_TRUNCATED' })
    await client.request(1, { CONTENT_LENGTH: '10' })
    expect(reason).toMatchObject({ code: 'WSGI_INPUT_TRUNCATED' })
  })

  test('longer: what is too much is dropped, and the connection not used again', async () => {
    const [client] = await connectTo(echo)
    const answer = await client.request(1, { CONTENT_LENGTH: '4' }, Buffer.from('four and more'))
    expect(answer.body.toString()).toBe('four')
    await client.closed
  })
})

describe('what is no FastCGI', () => {
  test.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['another version', Buffer.from([2, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
    ['a begin record on id 0', Buffer.from([1, 1, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
    [
      'params that lie about their length',
      Buffer.from([
        1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 4, 0, 1, 0, 4, 0, 0, 255, 255, 255, 255, 1, 4, 0,
        1, 0, 0, 0, 0,
      ]),
    ],
  ])('%s closes that connection, with one line in the log', async (_, bytes) => {
    const [client, server] = await connectTo(hello)
    client.socket.write(bytes)
    await client.closed
    expect(server.lines).toHaveLength(1)
    expect(server.lines[0]).toContain('front sent')
    const other = await server.client()
    expect((await other.request(1, {})).head[0]).toBe('Status: 200 OK')
  })
})

describe('drain', () => {
  test('closes idle connections at once', async () => {
    const [client, server] = await connectTo(hello)
    await client.request(1, {})
    await server.app.drain()
    await client.closed
  })

  test('finishes what is in flight first', async () => {
    const { promise, resolve } = gate()
    const [client, server] = await connectTo(async (environ, startResponse) => {
      await promise
      return hello(environ, startResponse)
    })
    const answer = client.request(1, {})
    await new Promise((done) => setTimeout(done, 20))
    let drained = false
    const drain = server.app.drain().then(() => (drained = true))
    await new Promise((done) => setTimeout(done, 20))
    expect(drained).toBe(false)
    resolve()
    expect((await answer).end).toEqual(COMPLETE)
    await drain
  })

  test('tells a front that multiplexes, and serves what it had sent meanwhile', async () => {
    const [client, server] = await connectTo(hello)
    await client.request(2, {})
    const drain = server.app.drain()
    await until(() => client.values.length > 0)
    expect(client.values).toEqual([['FCGI_MAX_CONNS', '0', 'FCGI_MAX_REQS', '0']])
    expect((await client.request(3, {})).end).toEqual(COMPLETE)
    client.socket.end()
    await drain
  })

  test('does not close what a front that multiplexes has not closed yet, however long it stood still', async () => {
    const [client, server] = await connectTo(hello)
    await client.request(2, {})
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const drain = server.app.drain()
    vi.advanceTimersByTime(60_000)
    vi.useRealTimers()
    expect((await client.request(3, {})).end).toEqual(COMPLETE)
    client.socket.end()
    await drain
  })

  test('tells a front that multiplexes with its first request, where that comes later', async () => {
    const [client, server] = await connectTo(hello)
    const drain = server.app.drain()
    expect((await client.request(2, {})).end).toEqual(COMPLETE)
    await until(() => client.values.length > 0)
    expect(client.values).toEqual([['FCGI_MAX_CONNS', '0', 'FCGI_MAX_REQS', '0']])
    client.socket.end()
    await drain
  })

  test('waits a moment for the request of a connection that was just made', async () => {
    const [client, server] = await connectTo(hello)
    const drain = server.app.drain()
    expect((await client.request(1, {})).end).toEqual(COMPLETE)
    await drain
  })

  describe('waits for what a response left behind it', () => {
    const work = { waitUntil: gate(), close: gate() }
    const applications: Readonly<Record<keyof typeof work, Application>> = {
      waitUntil: fetchApplication((_request, _env, context) => {
        context.waitUntil(work.waitUntil.promise)
        return new Response('hello')
      }),
      close: (environ, startResponse) => {
        const body = hello(environ, startResponse)
        return Object.assign(body, { close: () => work.close.promise })
      },
    }

    test.each(['waitUntil', 'close'] as const)('%s', async (kind) => {
      const [client, server] = await connectTo(applications[kind])
      await client.request(1, {})
      let drained = false
      const drain = server.app.drain().then(() => (drained = true))
      await client.closed
      await new Promise((done) => setTimeout(done, 20))
      expect(drained).toBe(false)
      work[kind].resolve()
      await drain
    })

    test('within its limit', async () => {
      const [client, server] = await connectTo((environ, startResponse) => {
        environ['portico.wait_until']?.(new Promise(() => undefined))
        return hello(environ, startResponse)
      })
      await client.request(1, {})
      await server.app.drain(50)
      await client.closed
    })
  })

  test('at its limit closes by force', async () => {
    const [client, server] = await connectTo(() => new Promise(() => {}))
    const answer = client.request(1, {})
    await new Promise((done) => setTimeout(done, 20))
    await server.app.drain(50)
    expect((await answer).end).toBeUndefined()
  })
})

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}
