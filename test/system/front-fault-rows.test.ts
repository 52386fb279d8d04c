/** Faults that no other file of tests is about: cut chunked bodies, forged identities, reloads that take away. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo } from '../demo/support/demo-server.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

interface Seen {
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

const APPLICATION = `
export const application = async (environ, start) => {
  const body = (await environ['wsgi.input'].read()).toString('base64')
  start('200 OK', [['Content-Type', 'application/json']])
  const text = Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === 'string'))
  return [Buffer.from(JSON.stringify({ ...text, body }))]
}
`

let origin: Server
let server: PorticoServer
let port: number
const seen: Seen[] = []

function confOf(workers: number, log: string): string {
  return `
worker_processes ${workers};
error_log logs/error.log info;
events { }
app echo { entry echo.ts; }
http {
  access_log logs/${log}.log;
  proxy_cache_path cache keys_zone=pages:1m;
  server {
    listen 127.0.0.1:${port};
    root html;
    location /plain { return 200 plain; }
    location /up { proxy_pass http://127.0.0.1:${(origin.address() as AddressInfo).port}; }
    location /app { app_pass echo; }
    location /compressed {
      gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
      proxy_pass http://127.0.0.1:${(origin.address() as AddressInfo).port};
    }
    location /cached {
      proxy_cache pages; proxy_cache_valid any 1h; proxy_cache_key same; proxy_ignore_headers Vary Set-Cookie;
      proxy_pass http://127.0.0.1:${(origin.address() as AddressInfo).port};
    }
    location /secret/ { internal; }
    location ~* \\.bak$ { return 403; }
    location ~ \\.php(/|$) { return 200 php; }
  }
}
`
}

beforeAll(async () => {
  origin = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString('latin1')))
    request.on('end', () => {
      seen.push({ headers: request.headers, body })
      if (request.headers['x-secret']) response.setHeader('Content-Encoding', 'identity')
      response.end('taken')
    })
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  port = await freePort()
  const files = { 'echo.ts': APPLICATION, 'html/secret/x': 'secret', 'logs/.keep': '' }
  server = await PorticoServer.start({ conf: confOf(3, 'access'), files })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|emerg|crit)\]/)
  await server.stop()
  origin.close()
})

async function ask(text: string, options: { readonly halfClose?: boolean } = {}): Promise<string> {
  return (await sendRaw(port, text, options)).text
}

const get = (path: string, fields = ''): Promise<string> =>
  ask(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`)

const HEAD = 'POST /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('A chunked body', () => {
  it.each([
    ['without its last chunk', '5\r\nhello\r\n'],
    ['whose last chunk lacks its end', '5\r\nhello\r\n0\r\n'],
    ['that ends inside a chunk', '5\r\nhel'],
    ['that ends inside a size', '5'],
  ])('%s is never taken for whole', async (_what, body) => {
    seen.length = 0
    const answer = await ask(HEAD + body, { halfClose: true })
    expect(answer).not.toContain('taken')
    expect(answer === '' || answer.startsWith('HTTP/1.1 400 ')).toBe(true)
    expect(seen).toEqual([])
  })

  it('goes to an upstream of HTTP/1.0 with its length, and whole', async () => {
    seen.length = 0
    expect(await ask(`${HEAD}5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n`)).toContain('taken')
    expect(seen.map(({ body }) => body)).toEqual(['hello, world'])
    expect(seen[0]?.headers).toMatchObject({ 'content-length': '12' })
    expect(seen[0]?.headers).not.toHaveProperty('transfer-encoding')
  })
})

describe('A body of a request in a coding', () => {
  it.each([
    ['gzip', gzipSync(Buffer.alloc(1 << 20))],
    ['br', brotliCompressSync(Buffer.alloc(1 << 20))],
    ['zstd', zstdCompressSync(Buffer.alloc(1 << 20))],
  ])('of %s is nobody’s to decode: the upstream and the application get its bytes', async (coding, body) => {
    const head = `HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n` // prettier-ignore
    seen.length = 0
    expect(await ask(`POST /up ${head}${body.toString('latin1')}`)).toContain('taken')
    expect(seen.map((one) => [one.headers['content-encoding'], one.body])).toEqual([
      [coding, body.toString('latin1')],
    ])
    const answer = await ask(`POST /app ${head}${body.toString('latin1')}`)
    const environ = JSON.parse(
      answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1),
    ) as NodeJS.Dict<string>
    expect([environ['HTTP_CONTENT_ENCODING'], environ['body']]).toEqual([coding, body.toString('base64')])
  })
})

describe('A response with a secret', () => {
  it('is not compressed where its Content-Encoding says identity', async () => {
    expect(await get('/compressed', 'Accept-Encoding: gzip\r\n')).toMatch(/^Content-Encoding: gzip\r$/im)
    const secret = await get('/compressed', 'Accept-Encoding: gzip\r\nX-Secret: 1\r\n')
    expect(secret).not.toMatch(/gzip/)
    expect(secret).toContain('taken')
  })
})

describe('A conf with proxy_cache', () => {
  it('is warned of, and nobody gets what was made for another', async () => {
    seen.length = 0
    for (const name of ['ada', 'bob', 'ada']) await get('/cached', `Authorization: ${name}\r\n`)
    expect(seen.map(({ headers }) => headers['authorization'])).toEqual(['ada', 'bob', 'ada'])
    expect(server.output + server.read('logs/error.log')).toMatch(/\[warn\].*proxy_cache/)
  })
})

describe('A path', () => {
  it.each([
    ['/x.BAK', '403'],
    // KELVIN SIGN is a k to Unicode's case folding, and no k to a byte
    ['/x.ba%E2%84%AA', '404'],
    ['/x.php', '200'],
    ['/x.php%00', '400'],
    ['/x.ph%C3%BE', '404'],
    ['/x%2Ephp/info', '200'],
  ])('%s is matched by its bytes: %s', async (path, status) => {
    expect(await get(path)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('of a dot file is nobody’s business in the shipped conf', async () => {
    const demo = await startDemo({ workers: 1 })
    try {
      for (const path of ['/.git/config', '/.env', '/static/.htpasswd', '/%2egit/config'])
        expect((await fetch(demo.origin + path)).status).toBe(404)
    } finally {
      await demo.server.stop()
    }
  })
})

describe('An identity that the client claims', () => {
  it('is a header and nothing else to the application', async () => {
    const fields =
      'Remote-User: admin\r\nRemote_User: admin\r\nAuth_Type: Basic\r\nProxy: evil\r\nContent_Length: 5\r\n' +
      'X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nX-Request-Id: forged\r\nRequest-Id: forged\r\n'
    const answer = await get('/app', fields)
    const environ = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Record<
      string,
      string
    >
    expect(environ['REMOTE_ADDR']).toBe('127.0.0.1')
    expect(environ['REMOTE_USER'] ?? '').toBe('')
    expect(environ['AUTH_TYPE'] ?? '').toBe('')
    expect(environ['REQUEST_ID']).toMatch(/^[0-9a-f]{32}$/)
    expect(environ).not.toHaveProperty('HTTP_PROXY')
    expect(environ['CONTENT_LENGTH'] ?? '').toMatch(/^0?$/)
    expect(environ['HTTP_REMOTE_USER']).toBe('admin')
  })

  it('orders nothing of the front: X-Accel-* and X-Sendfile of a request are headers', async () => {
    const answer = await get(
      '/plain',
      'X-Accel-Redirect: /secret/x\r\nX-Sendfile: /etc/passwd\r\nX-Accel-Limit-Rate: 1\r\n',
    )
    expect(answer).toMatch(/plain$/)
    expect(await get('/secret/x')).toMatch(/^HTTP\/1\.1 404 /)
  })
})

describe('A reload', () => {
  async function reloadUnderLoad(conf: string, done: () => boolean): Promise<number> {
    server.write('conf/portico.conf', conf)
    server.signal('SIGHUP')
    let asked = 0
    for (
      const end = performance.now() + 30_000;
      performance.now() < end && (asked < 200 || !done());
      asked += 1
    )
      expect(await get('/plain')).toMatch(/^HTTP\/1\.1 200 /)
    expect(done()).toBe(true)
    return asked
  }

  const started = (): number => server.read('logs/error.log').split('is ready').length

  it('to fewer workers loses no connection', async () => {
    const before = started()
    await reloadUnderLoad(confOf(1, 'access'), () => started() > before)
  }, 60_000)

  it('that changes the log alone loses no connection, and the new log is written', async () => {
    await reloadUnderLoad(confOf(1, 'other'), () => server.read('logs/other.log') !== '')
    expect(server.read('logs/other.log')).toContain('"GET /plain HTTP/1.1" 200')
  }, 60_000)
})
