/** What crosses both tiers: bodies either way, streams, errors with one id in both logs. */
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CookieClient } from '../support/cookie-client.ts'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = fileURLToPath(new URL('fixtures/shapes.ts', import.meta.url))

describe.each(['fastcgi', 'uwsgi'])('both tiers over %s', (protocol) => {
  let server: PorticoServer
  let client: CookieClient

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        app shapes { entry ${ENTRY}; protocol ${protocol}; workers 1; }
        http {
          access_log %PREFIX%/logs/access.log json;
          server {
            listen 127.0.0.1:%PORT%;
            root missing;
            client_max_body_size 20m;
            location / { app_pass shapes; }
            location /files/ { try_files $uri @shapes; }
            location @shapes { app_pass shapes; }
          }
        }`,
      files: { 'logs/.keep': '', 'missing/files/a.txt': 'from disk' },
    })
    client = new CookieClient(`http://127.0.0.1:${server.port}`)
  })

  afterAll(async () => {
    await server.stop()
  })

  it('passes method, path and query', async () => {
    const { status, text } = await client.get('/x%20y?a=1&b=2')
    expect([status, text]).toEqual([200, 'GET /x y a=1&b=2'])
  })

  it('takes a file from disk and what is no file from the application', async () => {
    expect((await client.get('/files/a.txt')).text).toBe('from disk')
    expect((await client.get('/files/b.txt')).text).toBe('GET /files/b.txt ')
    expect(server.output).not.toContain('/files/a.txt')
  })

  it.each([0, 1, 1000, 65_536, 70_000, 10_000_000])('gives a body of %i bytes back', async (size) => {
    const body = Buffer.alloc(size, 'portico ').toString('latin1')
    const { status, text } = await client.request('POST', '/echo', body)
    expect(status).toBe(200)
    expect(text.length).toBe(size)
    expect(text === body).toBe(true)
  })

  it('takes a generator', async () => {
    expect((await client.get('/generator')).text).toBe('one two')
  })

  it('passes a stream on as it comes', async () => {
    const started = performance.now()
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    let firstAt = 0
    let text = ''
    for await (const bytes of socket) {
      text += String(bytes)
      if (firstAt === 0 && text.includes('part 0')) firstAt = performance.now() - started
    }
    const lastAt = performance.now() - started
    expect(text).toContain('part 4')
    expect(lastAt - firstAt).toBeGreaterThan(250)
  })

  it('brings ten megabytes through without keeping them', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/large`)
    expect((await answer.arrayBuffer()).byteLength).toBe(160 * 65_536)
  })

  it('answers HEAD without a body', async () => {
    const { status, text } = await client.request('HEAD', '/generator')
    expect([status, text]).toEqual([200, ''])
  })

  it('never passes an answer that is shorter than it said for whole', async () => {
    const outcome = await client.get('/broken').then(
      (answer) => answer.status,
      () => 'cut',
    )
    // an error as long as nothing of it has left, else the connection breaks off before the end
    expect([500, 502, 'cut']).toContain(outcome)
  })

  it('logs a throwing application once in each tier, under one id', async () => {
    expect((await client.get('/throw')).status).toBe(500)
    await server.waitFor(() => server.output.includes('boom on purpose'), "the application's line")
    const own = /request ([0-9a-f]{32}): GET \/throw: Error: boom on purpose/g
    const ids = [...server.output.matchAll(own)].map((match) => match[1])
    expect(ids).toHaveLength(1)
    const front = new RegExp(`application answered 500.*id: ${ids[0]}`, 'g')
    await server.waitFor(() => server.output.search(front) >= 0, "the front's line")
    expect(server.output.match(front)).toHaveLength(1)
    await server.waitFor(() => server.read('logs/access.log').includes('/throw'), 'the access log')
    const line =
      server
        .read('logs/access.log')
        .split('\n')
        .find((text) => text.includes('/throw')) ?? '{}'
    expect(JSON.parse(line)).toMatchObject({ id: ids[0], status: 500, uri: '/throw' })
    expect((await client.get('/after')).status).toBe(200)
  })
})
