/** Real nginx before our application server, over both gateway protocols, with and without kept connections. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppMasterUnderTest } from '../support/app-master.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithPeer } from '../support/peer.ts'

const PARAMS = {
  QUERY_STRING: '$query_string',
  REQUEST_METHOD: '$request_method',
  CONTENT_TYPE: '$content_type',
  CONTENT_LENGTH: '$content_length',
  REQUEST_URI: '$request_uri',
  PATH_INFO: '$document_uri',
  DOCUMENT_ROOT: '$document_root',
  SERVER_PROTOCOL: '$server_protocol',
  REQUEST_SCHEME: '$scheme',
  REMOTE_ADDR: '$remote_addr',
  REMOTE_PORT: '$remote_port',
  SERVER_PORT: '$server_port',
  SERVER_NAME: '$server_name',
  REQUEST_ID: '$request_id',
}

/** SCGI's module sends CONTENT_LENGTH by itself, and its conf has to say SCGI. */
function paramsOf(directive: string): [name: string, value: string][] {
  const params = Object.entries(PARAMS)
  if (directive !== 'scgi') return params
  return [['SCGI', '1'], ...params.filter(([name]) => name !== 'CONTENT_LENGTH')]
}

class Nginx {
  readonly folder = mkdtempSync(join(tmpdir(), 'nginx-'))
  readonly #child: ChildProcess

  constructor(binary: string, port: number, directive: string, socketPath: string, keep: boolean) {
    const params = paramsOf(directive).map(([name, value]) => `${directive}_param ${name} ${value};`)
    for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(this.folder, name))
    writeFileSync(
      join(this.folder, 'nginx.conf'),
      `daemon off; worker_processes 1; pid ${this.folder}/pid; error_log ${this.folder}/error.log info;
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      events {}
      http {
        access_log off; client_max_body_size 100m; send_timeout 5s;
        client_body_temp_path ${this.folder}/body; proxy_temp_path ${this.folder}/proxy;
        fastcgi_temp_path ${this.folder}/fastcgi; uwsgi_temp_path ${this.folder}/uwsgi; scgi_temp_path ${this.folder}/scgi;
        add_header X-Request-Id $request_id always;
        upstream app { server unix:${socketPath}; ${keep ? 'keepalive 4;' : ''} }
        server {
          listen 127.0.0.1:${port};
          ${params.join('\n')}
          location / { ${directive}_pass app; ${keep ? `${directive}_keep_conn on;` : ''} }
          location /stream { ${directive}_pass app; ${directive}_buffering off; }
          location /forever { ${directive}_pass app; ${directive}_buffering off; }
          location /unbuffered/ {
            rewrite ^/unbuffered(.*) $1 break;
            ${directive}_pass app; ${directive}_request_buffering off;
          }
        }
      }`,
    )
    this.#child = spawn(binary, ['-p', this.folder, '-c', 'nginx.conf', '-e', `${this.folder}/error.log`], {
      stdio: 'inherit',
    })
  }

  get errors(): string {
    return readFileSync(join(this.folder, 'error.log'), 'utf8')
  }

  async stop(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    await exited
    rmSync(this.folder, { recursive: true })
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: string[]
  readonly body: Buffer
  /** The message was whole. */
  readonly complete: boolean
}

const variants = [
  ['fastcgi_pass', 'fastcgi', false],
  ['fastcgi_pass with kept connections', 'fastcgi', true],
  ['uwsgi_pass', 'uwsgi', false],
  ['scgi_pass', 'scgi', false],
] as const

describeWithPeer('nginx', 'nginx', (binary) => {
  describe.each(variants)('%s', (_, protocol, keep) => {
    let app: AppMasterUnderTest
    let nginx: Nginx
    let port: number

    beforeAll(async () => {
      port = await freePort()
      app = await new AppMasterUnderTest({ protocol, count: 2, heartbeatTimeoutMs: 1000 }).ready()
      nginx = new Nginx(binary, port, protocol, app.socketPath, keep)
      for (let attempt = 0; attempt < 200; attempt += 1) {
        if (await get('/hello').catch(() => undefined)) return
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error('nginx does not answer')
    })

    afterAll(async () => {
      await nginx.stop()
      await app.stop()
    })

    function ask(
      method: string,
      path: string,
      headers: Readonly<Record<string, string | string[]>> = {},
      body?: Uint8Array,
    ): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const outgoing = request(
          { host: '127.0.0.1', port, method, path, headers, agent: false },
          (incoming) => {
            const parts: Buffer[] = []
            incoming.on('data', (bytes: Buffer) => parts.push(bytes))
            incoming.on('error', () => {})
            incoming.on('close', () => {
              const { statusCode = 0, rawHeaders, complete } = incoming
              resolve({
                status: statusCode,
                headers: incoming.headers,
                rawHeaders,
                body: Buffer.concat(parts),
                complete,
              })
            })
          },
        )
        outgoing.on('error', reject)
        outgoing.end(body)
      })
    }

    function get(path: string): Promise<Answer> {
      return ask('GET', path)
    }

    test('GET', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { status, headers, body } = await get('/hello')
        expect([status, headers['content-type'], headers['content-length']]).toEqual([200, 'text/plain', '6'])
        expect(body.toString()).toBe('hello\n')
      }
    })

    test('HEAD has the head of GET and no body', async () => {
      const { status, headers, body } = await ask('HEAD', '/hello')
      expect([status, headers['content-length'], body.length]).toEqual([200, '6', 0])
    })

    test.each([0, 1, 65_536, 10 * 1024 * 1024])('POST of %d bytes', async (size) => {
      const body = randomBytes(size)
      const expected = `${size} ${createHash('sha1').update(body).digest('hex')}`
      // nginx before 1.29 tells SCGI applications the length of what came with the head, where it does not buffer
      const paths = protocol === 'scgi' ? ['/digest'] : ['/digest', '/unbuffered/digest']
      for (const path of paths) {
        const answer = await ask('POST', path, { 'Content-Length': String(size) }, body)
        expect(answer.body.toString()).toBe(expected)
      }
    })

    test('POST without a length', async () => {
      const answer = await ask('POST', '/digest', { 'Transfer-Encoding': 'chunked' }, Buffer.from('chunks'))
      expect(answer.body.toString()).toBe(`6 ${createHash('sha1').update('chunks').digest('hex')}`)
    })

    test.each([1, 16_384, 65_535, 65_536, 5_000_000])('an answer of %d bytes', async (size) => {
      const { body, complete } = await get(`/bytes/${size}`)
      expect([body.length, complete]).toEqual([size, true])
    })

    test('repeated headers, in and out', async () => {
      const { headers, rawHeaders } = await ask('GET', '/headers')
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
      expect(headers.location).toMatch(/\/elsewhere$/)
      expect(rawHeaders).toContain('caf\xe9')
      const seen = await ask('GET', '/environ', {
        'X-Twice': ['one', 'two'],
        Cookie: ['c=1', 'd=2'],
        Proxy: 'evil',
      })
      const environ = JSON.parse(seen.body.toString()) as Record<string, unknown>
      expect(environ['HTTP_X_TWICE']).toBe('one, two')
      expect(environ['HTTP_COOKIE']).toBe('c=1; d=2')
      expect(environ['HTTP_PROXY']).toBeUndefined()
      expect(environ['PATH_INFO']).toBe('/environ')
    })

    test('pieces arrive as they are made', async () => {
      const startedAtMs = performance.now()
      const arrivals: number[] = []
      await new Promise<void>((resolve) => {
        request({ host: '127.0.0.1', port, path: '/stream', agent: false }, (incoming) => {
          incoming.on('data', () => arrivals.push(performance.now() - startedAtMs))
          incoming.on('end', resolve)
        }).end()
      })
      expect(arrivals.length).toBeGreaterThanOrEqual(4)
      expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(200)
    })

    test('an error of the application is a 500, logged once under the id that nginx gave', async () => {
      const { status, headers } = await get('/boom')
      expect(status).toBe(500)
      const id = String(headers['x-request-id'])
      const lines = (): string[] => app.log.split('\n').filter((line) => line.includes(`request ${id}: `))
      await app.waitFor(() => lines().length > 0, 'the line of the error')
      expect(lines()).toEqual([
        `[error] app:test#${lines()[0]?.[17]}: request ${id}: GET /boom: Error: the view is broken`,
      ])
      expect((await get('/hello')).status).toBe(200)
    })

    test('an answer that breaks off is not passed off as whole', async () => {
      const { body, complete } = await get('/late')
      expect([body.toString(), complete]).toEqual(['half', false])
    })

    test('a client that goes away ends its application', async () => {
      const before = app.log.split('the client of /forever is gone').length
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /forever HTTP/1.1\r\nHost: x\r\n\r\n')
      await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
      await app.waitFor(
        () => app.log.split('the client of /forever is gone').length > before,
        'the end of the application',
      )
    })

    test('children of the application inherit no socket of the server', async () => {
      const lines = (await get('/children')).body.toString().split('\n')
      const sockets = lines.filter((line) => / [0-9]+ -> socket:/.test(line) && !/ [012] -> /.test(line))
      expect(lines.length).toBeGreaterThan(3)
      expect(sockets).toEqual([])
    })

    // POST here and below: a GET whose kept connection breaks nginx sends once more, which ends the next worker too

    test('an endless loop costs its own request only: the worker is killed and replaced', async () => {
      const count = app.workers.length
      const { status } = await ask('POST', '/loop')
      expect([502, 504]).toContain(status)
      await app.waitFor(() => app.workers.length > count, 'the replacement')
      expect(app.log).toContain('gave no heartbeat for 1000 ms')
      expect((await get('/hello')).status).toBe(200)
    })

    test('so does process.exit() in a view', async () => {
      const count = app.workers.length
      expect((await ask('POST', '/exit')).status).toBe(502)
      await app.waitFor(() => app.workers.length > count, 'the replacement')
      expect(app.log).toContain('exited with code 3')
    })

    test('reloads under load fail no request', async () => {
      const tally = new Map<number, number>()
      let stopped = false
      const client = async (path: string): Promise<void> => {
        while (!stopped) {
          const { status, complete } = await get(path)
          const outcome = complete ? status : 0
          tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
        }
      }
      const clients = ['/hello', '/hello', '/slow/50', '/bytes/300000'].map(client)
      for (let reload = 0; reload < 5; reload += 1) {
        const count = app.workers.length
        app.signal('SIGHUP')
        await app.waitFor(() => app.workers.length >= count + 2, 'the next generation')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      stopped = true
      await Promise.all(clients)
      expect([...tally.keys()]).toEqual([200])
      expect(tally.get(200) ?? 0).toBeGreaterThan(50)
    })

    test('kill -9 of a worker under load: nobody is refused, a replacement within a second', async () => {
      const tally = new Map<number, number>()
      let stopped = false
      const client = async (): Promise<void> => {
        while (!stopped) {
          const { status } = await get('/hello')
          tally.set(status, (tally.get(status) ?? 0) + 1)
        }
      }
      const clients = [client(), client(), client(), client()]
      for (let kill = 0; kill < 2; kill += 1) {
        const count = app.workers.length
        const pid = Number((await get('/pid')).body.toString())
        const killedAtMs = performance.now()
        process.kill(pid, 'SIGKILL')
        await app.waitFor(() => app.workers.length > count, 'the replacement')
        expect(performance.now() - killedAtMs).toBeLessThan(20_000) // kill-workers holds the built program to less
      }
      stopped = true
      await Promise.all(clients)
      expect([...tally.keys()].filter((status) => status !== 200 && status !== 502)).toEqual([])
      // At most what the dead was answering just then.
      expect(tally.get(502) ?? 0).toBeLessThanOrEqual(8)
      expect(tally.get(200) ?? 0).toBeGreaterThan(20)
      expect(nginx.errors).not.toMatch(/Connection refused|No such file/)
    })
  })
})
