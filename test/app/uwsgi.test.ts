import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Application, Environ } from '../../src/gateway/application.ts'
import { encodeRequest } from '../../src/protocol/uwsgi/request-encoder.ts'
import { AppServerUnderTest } from '../support/app-server.ts'

const running: AppServerUnderTest[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function serve(application: Application): Promise<AppServerUnderTest> {
  const server = await new AppServerUnderTest(application, 'uwsgi').listen()
  running.push(server)
  return server
}

interface Exchange {
  /** All that came until the server closed. */
  readonly answer: Promise<Buffer>
  readonly send: (bytes: Uint8Array) => void
  readonly end: () => void
}

async function open(server: AppServerUnderTest): Promise<Exchange> {
  const socket = await server.connect()
  const parts: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const settle = (): void => resolve(Buffer.concat(parts))
  socket.on('data', (bytes: Buffer) => parts.push(bytes))
  socket.on('end', settle)
  socket.on('close', settle)
  socket.on('error', settle)
  return { answer: promise, send: (bytes) => void socket.write(bytes), end: () => void socket.end() }
}

function packet(vars: Readonly<Record<string, string>>): Buffer {
  return encodeRequest(Object.entries({ REQUEST_METHOD: 'GET', PATH_INFO: '/', ...vars }).flat())
}

async function ask(
  server: AppServerUnderTest,
  vars: Readonly<Record<string, string>>,
  body = Buffer.alloc(0),
) {
  const { answer, send } = await open(server)
  const length = body.length > 0 ? { CONTENT_LENGTH: String(body.length) } : {}
  send(packet({ ...length, ...vars }))
  if (body.length > 0) send(body)
  const whole = await answer
  const split = whole.indexOf('\r\n\r\n')
  return { head: whole.toString('latin1', 0, split).split('\r\n'), body: whole.subarray(split + 4) }
}

const echo: Application = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('201 Created', [['X-Path', environ.PATH_INFO]])
  return [body]
}

test.each([0, 1, 65_536, 10 * 1024 * 1024])('a request with %d bytes of body', async (size) => {
  const body = randomBytes(size)
  const answer = await ask(await serve(echo), { PATH_INFO: '/p' }, body)
  expect(answer.head).toEqual(['HTTP/1.1 201 Created', 'X-Path: /p', `Content-Length: ${size}`])
  expect(answer.body.equals(body)).toBe(true)
})

test('a request byte by byte', async () => {
  const { answer, send } = await open(await serve(echo))
  for (const byte of Buffer.concat([packet({ CONTENT_LENGTH: '4' }), Buffer.from('body')])) {
    send(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await answer).toString()).toMatch(/\r\n\r\nbody$/)
})

test('head and small body leave in one write', async () => {
  const server = await serve(echo)
  await ask(server, {}, Buffer.from('x'))
  expect(server.writes).toBe(1)
})

test('variables that would choose an application are not passed on', async () => {
  let seen: Environ | undefined
  const server = await serve((environ, startResponse) => {
    seen = environ
    return echo(environ, startResponse)
  })
  await ask(server, { UWSGI_FILE: '/etc/passwd', UWSGI_MODULE: 'os', UWSGI_SCHEME: 'https' })
  expect(Object.keys(seen ?? {}).filter((name) => name.startsWith('UWSGI_'))).toEqual(['UWSGI_SCHEME'])
  expect(seen?.['wsgi.url_scheme']).toBe('https')
})

test('an application that throws is a 500, logged once', async () => {
  const server = await serve(() => {
    throw new Error('broken')
  })
  expect((await ask(server, { REQUEST_ID: 'id1' })).head[0]).toBe('HTTP/1.1 500 Internal Server Error')
  expect(server.lines).toHaveLength(1)
  expect(server.lines[0]).toMatch(/^error: request id1: GET \/: Error: broken\n {4}at /)
})

describe('what is no uwsgi request', () => {
  test.each([
    ['an unknown modifier', Buffer.from([9, 4, 0, 0, 0, 0, 0, 0]), 'modifier'],
    ['an empty block', Buffer.from([0, 0, 0, 0]), 'empty'],
    ['a key past the block', Buffer.from([0, 6, 0, 0, 99, 0, 65, 65, 65, 65]), 'invalid uwsgi vars'],
    ['a value past the block', Buffer.from([0, 7, 0, 0, 1, 0, 65, 99, 0, 65, 65]), 'invalid uwsgi vars'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'modifier'],
  ])('%s is closed without an answer, with one line in the log', async (_, bytes, reason) => {
    const server = await serve(echo)
    const { answer, send } = await open(server)
    send(bytes)
    expect(await answer).toHaveLength(0)
    expect(server.lines).toHaveLength(1)
    expect(server.lines[0]).toContain(reason)
  })

  test('a block that names no method is answered with 400', async () => {
    const server = await serve(echo)
    expect((await ask(server, { REQUEST_METHOD: '' })).head[0]).toBe('HTTP/1.1 400 Bad Request')
  })
})

test('a front that goes away ends the application', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = await serve((environ, startResponse) => {
    const signal = environ['portico.signal']
    if (signal instanceof AbortSignal) signal.addEventListener('abort', () => resolve())
    startResponse('200 OK', [])
    return (async function* () {
      yield Buffer.from('begun')
      await new Promise(() => {})
    })()
  })
  const { answer, send, end } = await open(server)
  send(packet({}))
  await new Promise((done) => setTimeout(done, 20))
  end()
  await promise
  expect((await answer).toString()).toMatch(/begun$/)
})

test('an early answer is whole though the body still comes', async () => {
  const server = await serve((_, startResponse) => {
    startResponse('403 Forbidden', [])
    return [Buffer.from('no')]
  })
  const answer = await ask(server, {}, randomBytes(5 * 1024 * 1024))
  expect(answer.body.toString()).toBe('no')
})

test('drain waits for requests in flight', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = await serve(async (environ, startResponse) => {
    await promise
    return echo(environ, startResponse)
  })
  const answer = ask(server, {})
  await new Promise((done) => setTimeout(done, 20))
  const drained = server.app.drain()
  resolve()
  expect((await answer).head[0]).toBe('HTTP/1.1 201 Created')
  await drained
})

test('a worker that is told to drain twice finishes a request that came behind that', async () => {
  const [called, ready] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const server = await serve(async (environ, startResponse) => {
    if (environ.PATH_INFO === '/slow') {
      called.resolve()
      await ready.promise
    }
    return echo(environ, startResponse)
  })
  const { answer, send } = await open(server)
  await ask(server, {}) // accepted behind the other
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  server.app.rebalance()
  server.app.rebalance()
  send(packet({ PATH_INFO: '/slow' }))
  await called.promise
  vi.advanceTimersByTime(2000)
  ready.resolve()
  expect(String(await answer)).toMatch(/^HTTP\/1.1 201 Created/)
})
