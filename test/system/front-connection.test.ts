/** How the front treats a connection: bodies nobody reads, pipelining, closing without cutting an answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { readAnswers } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { sendRaw } from '../support/raw-client.ts'

let server: PorticoServer
let port: number
/** Answers a moment after it was asked. */
const upstream = new ScriptedUpstream((bytes) =>
  bytes.includes('\r\n\r\n')
    ? { path: '/late', script: '{wait}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' }
    : undefined,
)

beforeAll(async () => {
  port = await freePort()
  const upstreamPort = await upstream.listen()
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log logs/access.log;
        server {
          listen 127.0.0.1:${port};
          root html;
          client_max_body_size 1k;
          location = /up { uwsgi_pass unix:run/nobody.sock; }
          location = /read { return 200 "read $request_length"; }
          location = /taken { proxy_pass http://127.0.0.1:${port}/read; proxy_set_header Connection close; }
          location = /late { proxy_pass http://127.0.0.1:${upstreamPort}; proxy_ignore_client_abort on; }
        }
      }`,
    files: { 'logs/.keep': '', 'html/a.txt': 'hello\n', 'html/large.bin': Buffer.alloc(3_000_000, 'x') },
  })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  await server.stop()
  await upstream.close()
})

const GET = 'GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n'

async function exchange(text: string, methods: readonly string[] = []): Promise<[number, boolean][]> {
  const { text: answer } = await sendRaw(port, text, { quietMs: 300 })
  return readAnswers(answer, methods).map(({ status, closes }) => [status, closes])
}

describe('a client that has closed its side', () => {
  const late = 'GET /late HTTP/1.1\r\nHost: a\r\n\r\n'
  const cut = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel`

  it.each(['/late', '/a.txt'])('waits for no body to %s that was cut behind a request', async (path) => {
    // it ends by itself: no time-out of the front is as short
    const { text } = await sendRaw(port, late + cut(path), { halfClose: true, timeoutMs: 30_000 })
    expect(readAnswers(text).map(({ status }) => status)).toEqual(path === '/late' ? [200, 400] : [200, 405])
  })
})

describe('a body that no handler reads', () => {
  it('is read away, and the request behind it in the same packet is answered', async () => {
    const post = 'POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'
    expect(await exchange(post + GET)).toEqual([
      [405, false],
      [200, false],
    ])
  })

  it('is read away when chunked', async () => {
    const post =
      'POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    expect(await exchange(post + GET + GET)).toEqual([
      [405, false],
      [200, false],
      [200, false],
    ])
  })

  it('is read away when it comes later, in pieces', async () => {
    const connection = await RawConnection.open(port)
    connection.send('POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhel')
    await connection.until((it) => it.text.includes('</html>'))
    connection.send('lo12')
    connection.send(`345${GET}`)
    await connection.until((it) => it.text.includes('hello\n'))
    expect(readAnswers(connection.text).map(({ status }) => status)).toEqual([405, 200])
    connection.close()
  })

  it('is not taken for a request when it looks like one', async () => {
    const post = `POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: ${GET.length}\r\n\r\n${GET}`
    expect(await exchange(post)).toEqual([[405, false]])
  })

  it('closes the connection when its framing turns out to be broken', async () => {
    const post = 'POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'
    const { text, closed } = await sendRaw(port, post + GET, { quietMs: 500 })
    expect(readAnswers(text).map(({ status }) => status)).toEqual([405])
    expect(closed).toBe(true)
  })
})

describe('Expect: 100-continue', () => {
  const head = 'POST /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'

  it('closes after a final answer, because whether the body comes is not known', async () => {
    expect(await exchange(head)).toEqual([[405, true]])
    expect(await exchange(`${head}hello${GET}`)).toEqual([[405, true]])
  })

  it('costs no worker when the body comes after the answer', async () => {
    const connection = await RawConnection.open(port)
    connection.send(head)
    await connection.until((it) => it.text.includes('</html>'))
    connection.send(`hello${GET}`)
    await connection.whole()
    expect(readAnswers(connection.text).map(({ status }) => status)).toEqual([405])
    expect(await exchange(GET)).toEqual([[200, false]])
    connection.close()
  })

  it('says once that it goes on, where somebody reads the body, and takes it then', async () => {
    const connection = await RawConnection.open(port)
    connection.send(head.replace('/a.txt', '/taken'))
    await connection.until(({ text }) => text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'))
    connection.send('hello')
    await connection.until(({ text }) => text.includes('read '))
    connection.send(GET)
    await connection.until(({ text }) => text.endsWith('hello\n'))
    expect(connection.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200', 'HTTP/1.1 200'])
    connection.close()
  })

  it.each([
    ['nothing where the body is there', `${head}hello`, ['200']],
    ['it once where there is none, as nginx', head.replace('Length: 5', 'Length: 0'), ['100', '200']],
    ['nothing in HTTP/1.0', `${head.replace('HTTP/1.1', 'HTTP/1.0')}hello`, ['200']],
  ])('says %s', async (_, request, statuses) => {
    const { text } = await sendRaw(port, request.replace('/a.txt', '/taken'), { quietMs: 300 })
    expect(Array.from(text.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => status)).toEqual(statuses)
    expect(text).toMatch(/read \d+$/)
  })
})

describe('an answer before the end of the body', () => {
  it.each([
    ['413', 'POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n', 413],
    [
      '405 that closes',
      'POST /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n',
      405,
    ],
    ['400', 'GET /a.txt HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['414', `GET /${'x'.repeat(9000)}`, 414],
  ])('reaches a client that goes on sending: %s', async (_name, head, status) => {
    const connection = await RawConnection.open(port)
    connection.send(head)
    connection.send(Buffer.alloc(8_000_000))
    await connection.whole()
    expect(connection.fault).toBeUndefined()
    expect(readAnswers(connection.text).map((answer) => answer.status)).toEqual([status])
    connection.close()
  })
})

describe('what the log says of a line that is none', () => {
  it('shows the line, escaped, and not the request before it', async () => {
    await exchange(`${GET}BAD\x01 /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n`)
    const last = server.read('logs/access.log').trimEnd().split('\n').at(-1) ?? ''
    expect(last).toContain('"BAD\\x01 /\\x1B[31m HTTP/1.1" 400')
    expect(server.read('logs/error.log')).toMatch(
      /client sent invalid method while reading client request line, client: 127\.0\.0\.1, .*"BAD\\x01/,
    )
  })
})

describe('A worker that drains', () => {
  it('answers connections that it has accepted, and closes them then', async () => {
    const fresh = await RawConnection.open(port)
    const used = await RawConnection.open(port)
    used.send(GET)
    await used.until((it) => it.text.includes('hello'))
    server.signal('SIGHUP')
    await new Promise((resolve) => setTimeout(resolve, 10))
    fresh.send(GET)
    used.send(GET)
    expect(readAnswers(await fresh.whole(30_000)).at(-1)?.status).toBe(200)
    expect(readAnswers(await used.whole(30_000)).map(({ status }) => status)).toEqual([200, 200])
    expect(await exchange(GET)).toEqual([[200, false]])
    fresh.close()
    used.close()
  })

  it('waits for the rest of a head that begins after it, longer than for clients that send nothing', async () => {
    const slow = await RawConnection.open(port)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const ready = (): number => server.read('logs/error.log').split(' is ready').length
    const before = ready()
    server.signal('SIGHUP')
    await server.waitFor(() => ready() > before, 'who comes after it')
    // longer than a first segment that was lost takes, which is longer than what an idle connection has
    await new Promise((resolve) => setTimeout(resolve, 1600))
    slow.send(GET.slice(0, 8))
    await new Promise((resolve) => setTimeout(resolve, 2500))
    slow.send(GET.slice(8))
    expect(readAnswers(await slow.whole(30_000)).map(({ status }) => status)).toEqual([200])
    slow.close()
  })

  it('does not wait long for clients that send nothing', async () => {
    const fresh = await RawConnection.open(port)
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.signal('SIGHUP')
    await fresh.whole(30_000)
    expect(fresh.text).toBe('')
    fresh.close()
  })
})
