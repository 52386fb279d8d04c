/** Our front before our application server, in every protocol that both speak: the same requests, the same answers. */
import { randomBytes } from 'node:crypto'
import { request, type IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = `
import { createHash } from 'node:crypto'

export async function application(environ, startResponse) {
  switch (environ.PATH_INFO) {
    case '/echo': {
      const hash = createHash('sha256')
      let length = 0
      for (let piece = await environ['wsgi.input'].read(65536); piece.length > 0; piece = await environ['wsgi.input'].read(65536)) {
        length += piece.length
        hash.update(piece)
      }
      startResponse('201 Created', [['Content-Type', 'text/plain'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']])
      return [Buffer.from([environ.REQUEST_METHOD, length, hash.digest('hex'), environ.HTTP_X_LIST, environ.QUERY_STRING].join(' '))]
    }
    case '/large':
      startResponse('200 OK', [])
      return (function* () {
        for (let i = 0; i < 64; i++) yield Buffer.alloc(65536, i)
      })()
    case '/broken':
      startResponse('200 OK', [['Content-Length', '10']])
      return (async function* () {
        yield Buffer.from('half')
        await new Promise((resolve) => setTimeout(resolve, 50))
        throw new Error('broken')
      })()
    case '/error':
      throw new Error('error')
    default:
      startResponse('200 OK', [['Content-Type', 'text/plain']])
      return [Buffer.from('hello')]
  }
}
`

function passTo(name: string): string {
  const address = `unix:%PREFIX%/${name}.sock`
  if (name === 'http') return `proxy_pass http://${address};`
  const lines = [
    'REQUEST_METHOD $request_method',
    'QUERY_STRING $query_string',
    'PATH_INFO $document_uri',
    'CONTENT_LENGTH $content_length',
  ]
  return `${lines.map((line) => `${name}_param ${line};`).join(' ')} ${name}_pass ${address};`
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly complete: boolean
}

const PROTOCOLS = ['fastcgi', 'uwsgi', 'scgi', 'http'] as const

let server: PorticoServer
let port: number

beforeAll(async () => {
  port = await freePort()
  const apps = PROTOCOLS.map(
    (name) => `app ${name} { entry app.mjs; protocol ${name}; listen unix:%PREFIX%/${name}.sock; }`,
  )
  const locations = PROTOCOLS.map(
    (name) => `
      location /app/${name}/ { rewrite ^/app/${name}(/.*) $1 break; app_pass ${name}; }
      location /pass/${name}/ { rewrite ^/pass/${name}(/.*) $1 break; ${passTo(name)} }`,
  )
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      ${apps.join('\n')}
      http {
        access_log off;
        server { listen 127.0.0.1:${port}; client_max_body_size 100m; ${locations.join('\n')} }
      }`,
    files: { 'logs/.keep': '', 'app.mjs': ENTRY },
  })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  await server.stop()
})

function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  body?: Buffer,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (incoming) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('error', () => undefined)
    incoming.on('close', () =>
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: Buffer.concat(parts),
        complete: incoming.complete,
      }),
    )
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}

async function sha256(body: Buffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(body))).toString('hex')
}

describe.each(PROTOCOLS.flatMap((name) => [`/app/${name}`, `/pass/${name}`]))('%s', (prefix) => {
  test('GET', async () => {
    const answer = await ask('GET', `${prefix}/hello`)
    expect([answer.status, answer.body.toString(), answer.headers['content-length']]).toEqual([
      200,
      'hello',
      '5',
    ])
  })

  test('HEAD', async () => {
    const answer = await ask('HEAD', `${prefix}/hello`)
    expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([200, 0, '5'])
  })

  describe.each([0, 1, 65_536, 10 * 1024 * 1024])('POST of %d bytes', (size) => {
    const body = randomBytes(size)

    test.each([
      ['with its length', { 'Content-Length': String(size) }],
      ['chunked', { 'Transfer-Encoding': 'chunked' }],
    ])('%s', async (_, framing) => {
      const answer = await ask('POST', `${prefix}/echo?a=%20b`, { ...framing, 'X-List': ['1', '2'] }, body)
      expect(answer.status).toBe(201)
      expect(answer.body.toString()).toBe(`POST ${size} ${await sha256(body)} 1, 2 a=%20b`)
      expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    })
  })

  test('a large answer in pieces', async () => {
    const answer = await ask('GET', `${prefix}/large`)
    expect([answer.body.length, answer.complete]).toEqual([64 * 65536, true])
    for (let i = 0; i < 64; i++) expect(answer.body[i * 65536]).toBe(i)
  })

  test('an application that throws', async () => {
    expect((await ask('GET', `${prefix}/error`)).status).toBe(500)
  })

  test('an application that throws in the middle: the client sees that something is missing', async () => {
    const answer = await ask('GET', `${prefix}/broken`)
    expect([answer.status, answer.body.toString(), answer.complete]).toEqual([200, 'half', false])
  })
})
