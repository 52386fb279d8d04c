/**
 * Responses that are paced, held back, or made of several requests: that they end, that nothing is kept of those that
 * break off, and which limits hold for what a request asks for itself. The upstream is the test itself.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readAnswers } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'

const MIB = 1 << 20

let server: PorticoServer
let upstream: Server
const sockets = new Set<Socket>()
/** Paths that the upstream was asked for. */
let asked: string[] = []

function answer(socket: Socket, path: string): void {
  asked.push(path)
  const status = path.startsWith('/up/sliced') ? '206 Partial Content' : '200 OK'
  socket.write(`HTTP/1.0 ${status}\r\nContent-Type: text/html\r\n`)
  if (path.endsWith('cut')) {
    socket.write('Content-Length: 1000\r\n\r\nabc')
    setTimeout(() => socket.destroy(), 100)
  } else if (path === '/up/late') setTimeout(() => socket.end('Content-Length: 4\r\n\r\nlate'), 400)
  else if (path.startsWith('/up/sliced')) {
    const range = path.split('=')[1] ?? ''
    socket.write(`Content-Range: bytes ${range}/30\r\nContent-Length: 10\r\n\r\n`)
    socket.end(range === '10-19' ? 'piece' : 'all of it ')
  } else if (path === '/up/both/held') socket.write(`\r\n${'x'.repeat(24 * MIB)}`)
  else if (path.endsWith('/big')) socket.end(`\r\n${'x'.repeat(24 * MIB)}`)
  else if (path === '/up/huge')
    socket.end(`\r\n${'x'.repeat(64 * MIB)}`) // more than kernels take: 32 MiB, 4
  else socket.end('Content-Length: 2\r\n\r\nup')
}

beforeAll(async () => {
  upstream = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (bytes) => answer(socket, bytes.toString('latin1').split(' ')[1] ?? ''))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  const pass = `proxy_pass http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''};`
  server = await PorticoServer.start({
    conf: `error_log logs/error.log info; worker_shutdown_timeout 2s; http {
      limit_req_zone $uri zone=once:1m rate=1r/m;
      limit_req_zone $uri zone=slow:1m rate=2r/s;
      limit_conn_zone $host zone=mirrors:1m;
      log_format own '$request_uri $status';
      access_log logs/access.log own;
      send_timeout 1s;
      root %PREFIX%/html;
      server {
        listen 127.0.0.1:%PORT%;
        location /fast/ { alias %PREFIX%/html/; limit_rate 100m; }
        location /slow/ { alias %PREFIX%/html/; limit_rate 20k; }
        location /coded/ { alias %PREFIX%/html/; limit_rate 20k; gzip on; gzip_types *; gzip_min_length 1; }
        location /page/ { ssi on; alias %PREFIX%/html/; limit_rate 40k; }
        location /ssi/ { ssi on; alias %PREFIX%/html/; }
        location /up/ { ${pass} }
        location /up/both/ { proxy_request_buffering off; client_body_timeout 1s; ${pass} }
        location /up/kept-cut { ${pass} proxy_store %PREFIX%/kept; }
        location /sliced { slice 10; ${pass.replace(';', '/up/sliced?$slice_range;')} }
        location /added/ { alias %PREFIX%/html/; add_after_body /up/cut; types { } default_type text/html; }
        location /mirrored-late { mirror /up/cut; rewrite ^ /up/late break; ${pass} }
        location /let-in-cut/ { auth_request /up/cut; alias %PREFIX%/html/; }
        location /mirrored/ { mirror /mirror; alias %PREFIX%/html/; }
        location = /mirror { internal; limit_req zone=once; limit_conn mirrors 1; ${pass} }
        location /let-in/ { auth_request /auth; alias %PREFIX%/html/; }
        location = /auth { internal; limit_req zone=once; limit_req_status 403; try_files /small =404; }
        location /coded-files/ { alias %PREFIX%/html/; gzip_static always; open_file_cache max=10; }
        location /delayed { limit_req zone=slow burst=5; ${pass} }
      }
    }`,
    files: {
      'logs/.keep': '',
      'html/small': 'small',
      'html/coded.gz': 'coded',
      'html/large.gz': Buffer.alloc(3 * MIB),
      'html/medium': Buffer.alloc(90_000, 'medium '),
      'html/mixed': Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * index * 7) % 251)),
      'html/included.html': '<!--#include virtual="/medium" -->, behind it',
      'html/huge.html': '<!--#include virtual="/up/huge" -->',
      'html/broken.html': `<!--#include virtual="/up/big" --><!--#include virtual="/up/big" set="x" -->${'z'.repeat(MIB)}`,
      'html/with-cut.html': 'a<!--#include virtual="/up/cut" -->b',
      'html/waits-for-cut.html': 'a<!--#include virtual="/up/cut" wait="yes" -->b',
      'html/keeps-cut.html': 'a<!--#include virtual="/up/kept-cut" -->b',
      'html/sets-cut.html': 'a<!--#include virtual="/up/cut" set="x" -->b<!--#echo var="x" -->',
    },
  })
}, 60_000)

beforeEach(() => (asked = []))

afterAll(async () => {
  await server.stop()
  for (const socket of sockets) socket.destroy()
  upstream.close()
})

function get(path: string, fields = ''): string {
  return `GET ${path} HTTP/1.0\r\nHost: a\r\n${fields}\r\n`
}

/** All that comes until the server closes. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
    const pieces: Buffer[] = []
    socket.on('data', (bytes) => pieces.push(bytes))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(pieces).toString('latin1')))
  })
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)

/** Descriptors open in the workers. */
function descriptors(): number {
  const workers = execFileSync('pgrep', ['-P', String(server.pid)], { encoding: 'latin1' })
    .trim()
    .split('\n')
  return workers.reduce((sum, worker) => sum + readdirSync(`/proc/${worker}/fd`).length, 0)
}

describe('limit_rate', () => {
  it('ends a response whose last piece had left before its end was known', async () => {
    expect(bodyOf(await exchange(get('/fast/medium')))).toHaveLength(90_000)
  })

  it.each([
    ['a file', '/slow/medium', '', 90_000],
    ['what an include brings', '/page/included.html', '', 90_011],
  ])(
    'makes nobody wait too long, however long %s takes: send_timeout is for the client',
    async (_what, path, fields, length) => {
      expect(bodyOf(await exchange(get(path, fields)))).toHaveLength(length)
    },
    20_000,
  )

  it('holds for what is compressed', async () => {
    const text = await exchange(
      'GET /coded/mixed HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n',
    )
    expect(text).toContain('Content-Encoding: gzip')
    expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true)
  }, 20_000)
})

describe('a limit in the location of a subrequest', () => {
  it('holds for mirrors, and lets the request itself through', async () => {
    for (let count = 0; count < 3; count += 1)
      expect(bodyOf(await exchange(get('/mirrored/small')))).toBe('small')
    expect(asked).toHaveLength(1)
  })

  it('holds for auth_request', async () => {
    expect(bodyOf(await exchange(get('/let-in/small')))).toBe('small')
    expect(await exchange(get('/let-in/small'))).toContain('403 Forbidden')
  })
})

describe('send_timeout', () => {
  it('holds for what an include brings, also once the client has read some of it', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(get('/ssi/huge.html')))
    let received = 0
    socket.on('data', (bytes) => {
      received += bytes.length
      if (received > 8 * MIB) socket.pause()
    })
    const line = /client timed out .*"GET \/ssi\/huge\.html /
    await server.waitFor(() => line.test(server.read('logs/error.log')), 'the line about the client')
    expect(received).toBeGreaterThan(8 * MIB)
    socket.destroy()
  }, 30_000)
})

describe('an upstream that breaks off in the middle of what a request asks for itself', () => {
  it.each([
    ['an include', '/ssi/with-cut.html', 'aabcb'],
    ['an include that the page waits for', '/ssi/waits-for-cut.html', 'aabcb'],
    ['an include that is kept', '/ssi/keeps-cut.html', 'aabcb'],
    ['an include for a variable', '/ssi/sets-cut.html', 'ababc'],
    ['add_after_body', '/added/small', 'smallabc'],
    ['a mirror', '/mirrored-late', 'late'],
    ['auth_request', '/let-in-cut/small', 'small'],
  ])('ends %s, and the page goes on (as in nginx)', async (_what, path, body) => {
    const lines = server.read('logs/error.log').split('premature').length
    const text = await exchange(
      `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\nGET /ssi/small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    expect(readAnswers(text).map((answer) => [answer.status, answer.body])).toEqual([
      [200, body],
      [200, 'small'],
    ])
    await server.waitFor(
      () => server.read('logs/error.log').split('premature').length > lines,
      'the line about the upstream',
    )
    expect(existsSync(server.path('kept/up/kept-cut'))).toBe(false)
  })
})

describe('a slice that breaks off', () => {
  it('ends the response, which has another length then', async () => {
    const text = await exchange('GET /sliced HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toContain('Content-Length: 30\r\n')
    expect(bodyOf(text)).toBe('all of it piece')
    expect(server.read('logs/error.log')).toContain('slice response ended before byte 20')
  })
})

describe('a response that begins before the request has come whole', () => {
  const begun = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345`
  const timedOut = (path: string): Promise<void> => {
    const line = new RegExp(`client timed out .*"POST ${path} `)
    return server.waitFor(() => line.test(server.read('logs/error.log')), 'the line about the client')
  }

  it('has send_timeout also when the rest of the request comes meanwhile', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(begun('/up/both/big')))
    socket.once('data', () => {
      socket.pause()
      setTimeout(() => socket.write('67890'), 300)
    })
    await timedOut('/up/both/big')
    socket.destroy()
  }, 30_000)

  it('has client_body_timeout also when the client reads all that there is', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(begun('/up/both/held')))
    socket.once('data', () => {
      socket.pause()
      setTimeout(() => socket.resume(), 300)
    })
    await timedOut('/up/both/held')
    socket.destroy()
  }, 30_000)
})

describe('a response that breaks off', () => {
  it('keeps neither its file nor what it asked others for', async () => {
    await exchange(get('/ssi/broken.html'))
    await server.waitFor(() => sockets.size === 0, 'the end of all that was asked')
    const before = descriptors()
    for (let count = 0; count < 5; count += 1) await exchange(get('/ssi/broken.html'))
    await server.waitFor(() => sockets.size === 0, 'the end of all that was asked')
    await server.waitFor(() => descriptors() <= before, 'as many descriptors as before')
  }, 30_000)
})

describe('gzip_static', () => {
  it('says nothing of a coding where the answer is a page about the file', async () => {
    for (const [field, status] of [
      ['If-Match: "other"', '412'],
      ['Range: bytes=99999-', '416'],
    ]) {
      const text = await exchange(get('/coded-files/coded', `${field}\r\n`))
      expect(text).toContain(` ${status} `)
      expect(text).not.toContain('Content-Encoding')
    }
  })

  it('serves what took the place of a file that open_file_cache remembers', async () => {
    expect(bodyOf(await exchange(get('/coded-files/large')))).toHaveLength(3 * MIB)
    writeFileSync(server.path('html/new'), Buffer.alloc(4 * MIB))
    server.move('html/new', 'html/large.gz')
    const text = await exchange(get('/coded-files/large'))
    expect(text).toContain('Content-Encoding: gzip')
    expect(bodyOf(text)).toHaveLength(4 * MIB)
  })
})

describe('a request that limit_req delays', () => {
  it('is given up when its client has left', async () => {
    await exchange(get('/delayed'))
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(get('/delayed?left')))
      socket.on('close', () => resolve())
      socket.resume()
    })
    await server.waitFor(() => server.read('logs/access.log').includes('/delayed?left 499'), 'its line')
    expect(asked).toEqual(['/delayed'])
  })
})
