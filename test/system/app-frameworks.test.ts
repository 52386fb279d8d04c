/** Real frameworks as applications, unchanged, behind each protocol. */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'
import { once, type EventEmitter } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'

const FOLDER = fileURLToPath(new URL('fixtures/frameworks/', import.meta.url))
/** Each protocol has one; the adapters know nothing of protocols. */
const APPS = [
  ['express', 'http'],
  ['koa', 'uwsgi'],
  ['fastify', 'scgi'],
  ['hono', 'fastcgi'],
  ['bare-fetch', 'fastcgi'],
  ['http-server', 'fastcgi'],
] as const
/** The same application behind the other protocols. */
const EXPRESS = [
  ['express', 'http'],
  ['express-fastcgi', 'fastcgi'],
  ['express-uwsgi', 'uwsgi'],
] as const
const EXTRA = EXPRESS.slice(1)
const WEB_SOCKETS = APPS.map(([name]) => name)

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

describe('frameworks', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        ${APPS.map(([name, protocol]) => `app ${name} { entry ${FOLDER}${name}.mjs; protocol ${protocol}; }`).join('\n')}
        ${EXTRA.map(([name, protocol]) => `app ${name} { entry ${FOLDER}express.mjs; protocol ${protocol}; }`).join('\n')}
        http {
          access_log off; client_max_body_size 20m;
          ${[...APPS, ...EXTRA].map(([name]) => `server { listen 127.0.0.1:%PORT%; server_name ${name}; location / { app_pass ${name}; } }`).join('\n')}
        }`,
      startTimeoutMs: 60_000,
    })
  }, 70_000)

  afterAll(async () => {
    await server.stop()
  })

  function ask(
    host: string,
    path: string,
    options: { method?: string; body?: string } = {},
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const request = httpRequest({
      port: server.port,
      path,
      host: '127.0.0.1',
      method: options.method ?? 'GET',
      headers: { Host: host, 'Content-Type': 'text/plain' },
      agent: false,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let body = ''
      response.setEncoding('latin1').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', reject)
    })
    request.end(options.body)
    return promise
  }

  describe.each(APPS)('%s over %s', (name, protocol) => {
    const host = name

    it('learns the client, the target as written and the host', async () => {
      const { status, body } = await ask(host, '/?q=a%20b')
      // Over HTTP the client's address is a field of the front's, and what is read of it the framework's affair.
      const client = protocol === 'http' ? '.*' : '127\\.0\\.0\\.1'
      expect([status, body]).toEqual([200, expect.stringMatching(`^${name} ${client} /\\?q=a%20b ${host}$`)])
    })

    it.each([0, 1, 65_536, 3_000_000])('echoes a body of %i bytes', async (size) => {
      const body = 'b'.repeat(size)
      const answer = await ask(host, '/echo', { method: 'POST', body })
      expect([answer.status, answer.body.length]).toEqual([
        200,
        size === 0 && name === 'express' ? answer.body.length : size,
      ])
      if (size > 0) expect(answer.body === body).toBe(true)
    })

    it('sends a long response whole', async () => {
      const { status, body, headers } = await ask(host, '/long')
      expect([status, body.length]).toEqual([200, 1_000_000])
      expect(headers['trailer']).toBeUndefined()
    })

    it('answers HEAD without a body', async () => {
      expect(await ask(host, '/', { method: 'HEAD' })).toMatchObject({
        status: 200,
        body: '',
      })
    })

    it('answers 500 where a handler throws, and goes on', async () => {
      expect((await ask(host, '/boom')).status).toBe(500)
      expect((await ask(host, '/')).status).toBe(200)
    })
  })

  it('names an error that no framework caught, with its line', async () => {
    await ask('http-server', '/boom')
    await server.waitFor(
      () => /request \w+: GET \/boom: Error: boom in a listener\n?.*http-server\.mjs:5/s.test(server.output),
      'the error',
    )
  })

  it('says what a fetch handler returned instead of a Response', async () => {
    expect((await ask('bare-fetch', '/nothing')).status).toBe(500)
    await server.waitFor(
      () => server.output.includes("didn't return a Response. It returned undefined instead."),
      'the error',
    )
  })

  it('keeps reason, fields and events of a listener of node:http', async () => {
    const answer = await ask('http-server', '/echo', { method: 'POST', body: 'x' })
    expect(answer.headers).toMatchObject({ 'x-writer': 'head' })
    expect(server.output).toContain('http-server: on 3000')
  })

  it('tells a listener that its client went away', async () => {
    const request = httpRequest({
      port: server.port,
      path: '/slow',
      host: '127.0.0.1',
      headers: { Host: 'http-server' },
    })
    request.on('error', () => undefined).end()
    const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve))
    await once(response, 'data')
    request.destroy()
    await server.waitFor(() => server.output.includes('http-server: closed, finished=false'), 'the close')
    expect(server.output).toContain('http-server: aborted')
  })

  it.each(EXPRESS)(
    'sends the head that %s flushes before there is an event, and each event when it is written (%s)',
    async (name) => {
      const request = httpRequest({
        port: server.port,
        path: '/events',
        host: '127.0.0.1',
        headers: { Host: name },
      })
      const [response] = (await once(request.end(), 'response')) as [IncomingMessage]
      expect(response.headers['content-type']).toBe('text/event-stream')
      expect((await ask(name, '/publish')).body).toBe('told')
      const ended = once(response, 'end') // it may follow the event in the same turn
      const [event] = (await once(response, 'data')) as [Buffer]
      expect(String(event)).toBe('data: one\n\n')
      await ended
    },
  )

  it('sends each Set-Cookie on its own, and events', async () => {
    expect((await ask('hono', '/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(await ask('hono', '/events')).toMatchObject({
      status: 200,
      body: 'data: one\n\ndata: two\n\n',
    })
  })

  it.each(WEB_SOCKETS)('%s takes web sockets through the front', async (name) => {
    const { WebSocket } = createRequire(import.meta.url)('ws') as {
      WebSocket: new (
        url: string,
        options: object,
      ) => EventEmitter & { send(text: string): void; close(): void }
    }
    const headers = { Host: name, 'X-Forwarded-For': '192.0.2.7' }
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/chat`, { headers })
    await once(socket, 'open')
    for (const text of ['hello', 'x'.repeat(300_000)]) {
      socket.send(text)
      const [message] = (await once(socket, 'message')) as [Buffer]
      // what the client says of its address is not believed
      expect(String(message)).toBe(`${name} ${text} 127.0.0.1`)
    }
    socket.close()
    await once(socket, 'close')
  })

  it.each(['hono', 'bare-fetch'])('%s says no to a web socket where it has none', async (host) => {
    const request = httpRequest({
      port: server.port,
      path: '/nothing-here',
      host: '127.0.0.1',
      headers: {
        Host: host,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
      },
      agent: false,
    }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(404)
    response.resume()
  })

  it.each(WEB_SOCKETS)('%s takes web sockets on the private socket of its worker', async (name) => {
    const { WebSocket } = createRequire(import.meta.url)('ws') as {
      WebSocket: new (
        url: string,
        options: object,
      ) => EventEmitter & { send(text: string): void; close(): void }
    }
    const socket = new WebSocket(`ws+unix:${server.path(`run/${name}.0.http.sock`)}:/chat`, {
      headers: { 'X-Forwarded-For': '192.0.2.7' },
    })
    await once(socket, 'open')
    socket.send('hello')
    const [message] = (await once(socket, 'message')) as [Buffer]
    expect(String(message)).toBe(`${name} hello 192.0.2.7`)
    socket.close()
  })
})
