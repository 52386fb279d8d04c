/**
 * How bytes flow between a client and an upstream that are not equally fast: buffered and not, both ways, and through
 * tunnels. The upstream is the test itself.
 */
import { createHash } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const MIB = 1 << 20
const LARGE = Buffer.alloc(24 * MIB, 'a large response, ')
/** What the kernel may hold of a response on its way to a client that reads nothing, bytes. */
const SOCKETS_HOLD = 12 * MIB

type Talk = (socket: Socket) => void

let server: PorticoServer
let upstream: Server
let port: number
let talk: Talk = () => undefined
const sockets = new Set<Socket>()

beforeAll(async () => {
  upstream = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    talk(socket)
  })
  const upstreamPort = await freePort()
  await new Promise<void>((resolve) => upstream.listen(upstreamPort, '127.0.0.1', resolve))
  port = await freePort()
  const pass = `proxy_pass http://127.0.0.1:${upstreamPort}/;`
  const upgrade = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;'
  server = await PorticoServer.start({
    conf: `error_log logs/error.log info; worker_shutdown_timeout 2s; http {
      access_log logs/access.log;
      log_format own '$uri $status $body_bytes_sent $upstream_status $upstream_response_length';
      access_log logs/own.log own;
      send_timeout 5s;
      server {
        listen 127.0.0.1:${port};
        proxy_http_version 1.1;
        location /buffered/ { ${pass} }
        location /scgi/ { scgi_pass 127.0.0.1:${upstreamPort}; scgi_param CONTENT_LENGTH $content_length; }
        location /no-file/ { ${pass} proxy_max_temp_file_size 0; }
        location /small-file/ { ${pass} proxy_max_temp_file_size 1m; }
        location /unbuffered/ { ${pass} proxy_buffering off; }
        location /slow/ { ${pass} proxy_limit_rate 20k; }
        location /store/ { ${pass} proxy_store ${'$document_root'}/stored.txt; root %PREFIX%/kept; }
        location /live/ { ${pass} proxy_request_buffering off; client_max_body_size 1m; proxy_read_timeout 1s; }
        location /held/ { ${pass} proxy_request_buffering off; client_max_body_size 100m; }
        location /live-10/ { ${pass} proxy_request_buffering off; proxy_http_version 1.0; }
        location /hints/ { ${pass} early_hints 1; }
        location /no-hints/ { ${pass} early_hints $arg_hints; }
        location /trailers/ { ${pass} proxy_pass_trailers on; }
        location /tunnel/ { ${pass} ${upgrade} }
        location /idle/ { ${pass} ${upgrade} proxy_read_timeout 300ms; }
        location /never/ { ${pass} }
      }
    }`,
    files: { 'logs/.keep': '' },
  })
}, 60_000)

afterEach(() => {
  for (const socket of sockets) socket.destroy()
})
afterAll(async () => {
  await server.stop()
  await new Promise((resolve) => upstream.close(resolve))
})

/** A client that reads when it wants to. */
class Client {
  readonly socket: Socket
  bytes = Buffer.alloc(0)
  ended = false
  #chunks: Buffer[] = []

  constructor(text: string) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('error', () => undefined)
    this.socket.on('end', () => (this.ended = true))
    this.socket.on('close', () => (this.ended = true))
    this.socket.write(text, 'latin1')
  }

  read(): this {
    this.socket.on('data', (bytes: Buffer) => this.#chunks.push(bytes))
    return this
  }

  get all(): Buffer {
    if (this.#chunks.length > 0) this.bytes = Buffer.concat([this.bytes, ...this.#chunks.splice(0)])
    return this.bytes
  }

  get text(): string {
    return this.all.toString('latin1')
  }

  get body(): Buffer {
    return this.all.subarray(this.all.indexOf('\r\n\r\n') + 4)
  }
}

async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await sleep(5)
  }
}

const get = (path: string, lines = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Calls with each whole head that comes on the socket. */
function onHead(socket: Socket, answer: (head: string) => void): void {
  let text = ''
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    if (!text.includes('\r\n\r\n') && !text.includes('\0,')) return
    answer(text)
    text = ''
  })
}

/** Answers with a large body, and knows whether all of it was taken. */
function large(fields = ''): { taken: boolean } {
  const seen = { taken: false }
  talk = (socket) => {
    onHead(socket, (head) => {
      const line = head.startsWith('GET') ? 'HTTP/1.1 200 OK\r\n' : 'Status: 200 OK\r\n'
      socket.write(`${line}${fields}Content-Length: ${LARGE.length}\r\n\r\n`)
      socket.write(LARGE, () => (seen.taken = true))
    })
  }
  return seen
}

describe('a client that is slower than the upstream', () => {
  it.each(['/buffered/', '/scgi/'])('does not hold up a buffered one: %s', async (path) => {
    const seen = large()
    const client = new Client(get(path))
    await until(() => seen.taken, 'the upstream to be free')
    client.read()
    await until(() => client.ended, 'the end')
    expect(sha(client.body)).toBe(sha(LARGE))
  })

  it('does where nothing may go to a file, and where the file is full', async () => {
    for (const path of ['/no-file/', '/small-file/', '/unbuffered/']) {
      const seen = large()
      const client = new Client(get(path))
      await sleep(400)
      expect([path, seen.taken]).toEqual([path, LARGE.length <= SOCKETS_HOLD])
      client.read()
      await until(() => client.ended, 'the end')
      expect(sha(client.body)).toBe(sha(LARGE))
      expect(seen.taken).toBe(true)
    }
  })

  it('does where the response asks for it: X-Accel-Buffering, an event stream', async () => {
    for (const fields of ['X-Accel-Buffering: no\r\n', 'Content-Type: text/event-stream\r\n']) {
      const seen = large(fields)
      const client = new Client(get('/buffered/'))
      await sleep(400)
      expect([fields, seen.taken]).toEqual([fields, false])
      client.socket.destroy()
    }
    const seen = large('X-Accel-Buffering: yes\r\n')
    const client = new Client(get('/unbuffered/'))
    await until(() => seen.taken, 'the upstream to be free')
    client.socket.destroy()
  })

  it('leaves no descriptor behind when it goes away', async () => {
    const worker = Number(
      /worker front#0 \(process (\d+)\) is ready/.exec(server.output + server.read('logs/error.log'))?.[1],
    )
    const descriptors = async (): Promise<number> =>
      (await import('node:fs')).readdirSync(`/proc/${worker}/fd`).length
    await sleep(200)
    const before = await descriptors()
    for (let round = 0; round < 5; round += 1) {
      const seen = large()
      const client = new Client(get('/buffered/'))
      await until(() => seen.taken, 'the upstream to be free')
      client.socket.destroy()
    }
    await sleep(300)
    expect(await descriptors()).toBeLessThanOrEqual(before)
  })

  it('gets events as they come', async () => {
    let stream: Socket | undefined
    talk = (socket) =>
      onHead(socket, () => {
        stream = socket
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
      })
    const client = new Client(get('/buffered/')).read()
    await until(() => client.text.includes('event-stream'), 'the head')
    for (const event of ['one', 'two', 'three']) {
      stream?.write(`data: ${event}\n\n`)
      await until(() => client.text.includes(event), event)
    }
    client.socket.destroy()
  })
})

describe('a response', () => {
  it('is read no faster than proxy_limit_rate says', async () => {
    talk = (socket) => onHead(socket, () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(50 * 1024)}`))
    const start = performance.now()
    const client = new Client(get('/slow/')).read()
    await until(() => client.ended, 'the end')
    expect(performance.now() - start).toBeGreaterThan(1900)
    expect(client.text.match(/x/g)).toHaveLength(50 * 1024)
  })

  it('is kept as a file when it is whole, not otherwise', async () => {
    talk = (socket) =>
      onHead(socket, (head) => {
        if (head.includes('/short')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal')
        else
          socket.end(
            'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nLast-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n\r\nwhole',
          )
      })
    const short = new Client(get('/store/short')).read()
    await until(() => short.ended, 'the end')
    expect(server.read('kept/stored.txt')).toBe('')
    const whole = new Client(get('/store/whole')).read()
    await until(() => whole.ended, 'the end')
    expect(readFileSync(server.path('kept/stored.txt'), 'latin1')).toBe('whole')
  })

  it('brings hints before it, where the conf says so', async () => {
    talk = (socket) =>
      onHead(socket, () =>
        socket.end(
          'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Accel-Expires: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        ),
      )
    const texts: string[] = []
    for (const path of ['/hints/', '/no-hints/', '/no-hints/?hints=0', '/no-hints/?hints=1']) {
      const client = new Client(get(path)).read()
      await until(() => client.ended, 'the end')
      texts.push(client.text)
    }
    const HINTED = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n'
    expect(texts.map((text) => text.startsWith(HINTED))).toEqual([true, false, false, true])
    expect(texts.map((text) => text.includes(' 103 '))).toEqual([true, false, false, true])
  })

  it('brings fields behind its chunks', async () => {
    talk = (socket) =>
      onHead(socket, () =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n'),
      )
    const client = new Client(get('/trailers/')).read()
    await until(() => client.ended, 'the end')
    expect(client.text).toMatch(/\r\n0\r\nX-Sum: 7\r\n\r\n$/)
    const without = new Client(get('/buffered/')).read()
    await until(() => without.ended, 'the end')
    expect(without.text).not.toContain('X-Sum')
  })
})

describe('a body that is passed as it comes', () => {
  /** What the upstream got, and a way to answer. */
  function listening(): { text: string; socket: Socket | undefined; closed: boolean } {
    const seen = { text: '', socket: undefined as Socket | undefined, closed: false }
    talk = (socket) => {
      seen.socket = socket
      socket.on('data', (bytes: Buffer) => (seen.text += bytes.toString('latin1')))
      socket.on('end', () => socket.end())
      socket.on('close', () => (seen.closed = true))
    }
    return seen
  }
  const post = (path: string, fields: string): string => `POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`

  it('arrives piece by piece, by length and chunked', async () => {
    for (const [fields, first, second, end] of [
      ['Content-Length: 8\r\n', 'half', 'rest', 'halfrest'],
      [
        'Transfer-Encoding: chunked\r\n',
        '4\r\nhalf\r\n',
        '4\r\nrest\r\n0\r\n\r\n',
        '4\r\nhalf\r\n4\r\nrest\r\n0\r\n\r\n',
      ],
    ] as const) {
      const seen = listening()
      const client = new Client(post('/live/', fields)).read()
      await until(() => seen.text.includes('\r\n\r\n'), 'the head')
      client.socket.write(first)
      await until(() => seen.text.includes('half'), 'the first half')
      client.socket.write(second)
      await until(() => seen.text.endsWith(end), 'all')
      seen.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await until(() => client.text.endsWith('ok'), 'the answer')
      client.socket.destroy()
    }
  })

  it('waits for its end where HTTP/1.0 could not tell its length', async () => {
    const seen = listening()
    const client = new Client(post('/live-10/', 'Transfer-Encoding: chunked\r\n')).read()
    client.socket.write('4\r\nhalf\r\n')
    await sleep(100)
    expect(seen.text).toBe('')
    client.socket.write('0\r\n\r\n')
    await until(() => seen.text.endsWith('half'), 'all')
    expect(seen.text).toMatch(/Content-Length: 4/)
    client.socket.destroy()
  })

  it('does not time the upstream out while the client is slow', async () => {
    const seen = listening()
    const client = new Client(post('/live/', 'Content-Length: 8\r\n')).read()
    client.socket.write('half')
    await sleep(1500)
    client.socket.write('rest')
    await until(() => seen.text.endsWith('halfrest'), 'all')
    seen.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    await until(() => client.text.endsWith('ok'), 'the answer')
    client.socket.destroy()
  })

  it('is answered early, and the connection goes on', async () => {
    const seen = listening()
    const client = new Client(post('/live/', 'Content-Length: 8\r\n')).read()
    client.socket.write('half')
    await until(() => seen.text.endsWith('half'), 'the first half')
    seen.socket?.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
    await until(() => client.text.endsWith('no'), 'the early answer')
    client.socket.write(`rest${get('/never/')}`)
    talk = (socket) => onHead(socket, () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
    await until(() => client.text.endsWith('ok'), 'the next answer')
    expect(client.text).toMatch(/^HTTP\/1.1 413 [^]*no(HTTP\/1.1 200 OK)/)
    client.socket.destroy()
  })

  it('ends with 413 when it grows too large, and the upstream is left', async () => {
    const seen = listening()
    const client = new Client(post('/live/', 'Transfer-Encoding: chunked\r\n')).read()
    client.socket.write('4\r\nhalf\r\n')
    await until(() => seen.text.includes('half'), 'the first half')
    for (let index = 0; index < 20; index += 1) client.socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`)
    await until(() => client.text.startsWith('HTTP/1.1 413'), '413')
    await until(() => seen.closed, 'the upstream to be left')
    client.socket.destroy()
  })

  it('ends with the client', async () => {
    const seen = listening()
    const client = new Client(post('/live/', 'Content-Length: 8\r\n'))
    client.socket.write('half')
    await until(() => seen.text.endsWith('half'), 'the first half')
    client.socket.destroy()
    await until(() => seen.closed, 'the upstream to be left')
    expect(seen.text).not.toContain('rest')
  })

  it('holds the client back when the upstream does not read', async () => {
    talk = (socket) => socket.pause()
    const client = new Client(post('/held/', `Content-Length: ${LARGE.length}\r\n`))
    let taken = false
    client.socket.write(LARGE, () => (taken = true))
    await sleep(400)
    expect(taken).toBe(false)
    const seen = { length: 0 }
    for (const socket of sockets) socket.on('data', (bytes: Buffer) => (seen.length += bytes.length)).resume()
    await until(() => taken && seen.length > LARGE.length, 'everything')
    client.socket.destroy()
  })
})

describe('a tunnel', () => {
  const SWITCH =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: upgrade\r\nX-Own: 1\r\n\r\n'
  const ASK = 'Upgrade: chat\r\nConnection: upgrade\r\n'
  const ask = (path: string, lines = ASK): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`

  /** Switches, then says everything back in capitals. */
  function echoing(first = ''): { head: string; ended: boolean; socket: Socket | undefined } {
    const seen = { head: '', ended: false, socket: undefined as Socket | undefined }
    talk = (socket) => {
      seen.socket = socket
      socket.on('end', () => (seen.ended = true))
      socket.once('data', (bytes: Buffer) => {
        const end = bytes.indexOf('\r\n\r\n') + 4
        seen.head = bytes.toString('latin1', 0, end)
        socket.write(SWITCH + first)
        if (end < bytes.length) socket.write(bytes.toString('latin1', end).toUpperCase())
        socket.on('data', (more: Buffer) => socket.write(more.toString('latin1').toUpperCase()))
      })
    }
    return seen
  }

  it('carries bytes both ways, those beside the heads too', async () => {
    const seen = echoing('early ')
    const client = new Client(`${ask('/tunnel/')}pipelined `).read()
    await until(() => client.text.endsWith('PIPELINED '), 'what came with the request')
    expect(client.text).toMatch(
      /^HTTP\/1.1 101 Switching Protocols\r\n(?=[^]*\r\nConnection: upgrade\r\n)(?=[^]*\r\nUpgrade: chat\r\n)[^]*\r\n\r\nearly PIPELINED $/,
    )
    expect(client.text).not.toMatch(/Content-Length|Transfer-Encoding|keep-alive/)
    expect(seen.head).toMatch(/\r\nUpgrade: chat\r\n/)
    client.socket.write('more')
    await until(() => client.text.endsWith('MORE'), 'the echo')
    client.socket.destroy()
    await until(() => seen.ended, 'the end')
    seen.socket?.end()
    await until(() => server.read('logs/own.log').includes('/tunnel/ 101'), 'the line in the log')
    expect(server.read('logs/own.log')).toMatch(/^\/tunnel\/ 101 20 101 20$/m)
  })

  it('keeps the order and the bytes of many megabytes, whoever is slow', async () => {
    echoing()
    const client = new Client(ask('/tunnel/'))
    const sent = Buffer.alloc(8 * MIB, 'abcdefg')
    client.socket.write(sent)
    await sleep(300)
    client.read()
    await until(() => client.body.length === sent.length, 'everything back', 20_000)
    expect(sha(client.body)).toBe(sha(Buffer.from(sent.toString('latin1').toUpperCase())))
    client.socket.destroy()
  })

  it('does not take more of the upstream than the client takes', async () => {
    let taken = false
    talk = (socket) =>
      onHead(socket, () => {
        socket.write(SWITCH)
        socket.write(LARGE, () => (taken = true))
      })
    const client = new Client(ask('/tunnel/'))
    await sleep(400)
    expect(taken).toBe(false)
    client.read()
    await until(() => client.body.length === LARGE.length, 'everything')
    client.socket.destroy()
  })

  it('passes the end of the client on, and what the upstream still says', async () => {
    const seen = echoing()
    const client = new Client(ask('/tunnel/')).read()
    await until(() => client.text.includes('101'), 'the switch')
    client.socket.end('last words')
    await until(() => seen.ended, 'the end')
    seen.socket?.end(' and goodbye')
    await until(() => client.ended, 'the end of the tunnel')
    expect(client.text).toMatch(/LAST WORDS and goodbye$/)
  })

  it('ends with the upstream', async () => {
    const seen = echoing()
    const client = new Client(ask('/tunnel/')).read()
    await until(() => client.text.includes('101'), 'the switch')
    seen.socket?.end('bye')
    await until(() => client.ended, 'the end of the tunnel')
    expect(client.text).toMatch(/bye$/)
  })

  it('ends when nothing was said for proxy_read_timeout', async () => {
    echoing()
    const client = new Client(ask('/idle/')).read()
    await until(() => client.text.includes('101'), 'the switch')
    for (let round = 0; round < 4; round += 1) {
      await sleep(150)
      client.socket.write('x')
    }
    expect(client.ended).toBe(false)
    await until(() => client.ended, 'the end of the tunnel', 2000)
    expect(server.read('logs/error.log')).toMatch(/upstream timed out .* while proxying upgraded connection/)
  })

  it('is opened for nobody that did not ask, or asked in HTTP/1.0', async () => {
    for (const [path, request] of [
      ['/never/', ask('/never/')],
      ['/tunnel/', ask('/tunnel/', 'Connection: close\r\n')],
      ['/tunnel/', `GET /tunnel/ HTTP/1.0\r\nHost: a\r\n${ASK}\r\n`],
    ] as const) {
      echoing()
      const client = new Client(request).read()
      await until(() => client.text.includes('\r\n\r\n'), 'an answer')
      expect([path, client.text.slice(0, 12)]).toEqual([path, 'HTTP/1.1 502'])
      client.socket.destroy()
    }
  })

  it('lives through a reload until worker_shutdown_timeout', async () => {
    echoing()
    const client = new Client(ask('/tunnel/')).read()
    await until(() => client.text.includes('101'), 'the switch')
    server.child.kill('SIGHUP')
    await sleep(1000)
    client.socket.write('still here')
    await until(() => client.text.endsWith('STILL HERE'), 'the echo')
    await until(() => client.ended, 'the end of the tunnel', 15_000)
  })
})
