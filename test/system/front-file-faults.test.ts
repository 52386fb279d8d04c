/** Files that are not what a request expects: special ones, ones that change while they are sent, huge and empty ones. */
import { execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { sendRaw } from '../support/raw-client.ts'

const MIB = 1 << 20
/** More than the sockets of both sides take, so that most of it is unread while the file changes. */
const LARGE = 40 * MIB

let server: PorticoServer
let unixServer: Server

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log logs/access.log;
        server {
          listen 127.0.0.1:%PORT%;
          root html;
          location /list/ { alias html/names/; autoindex on; }
          location = /plain { return 200 "plain"; }
        }
      }`,
    files: { 'logs/.keep': '', 'html/empty.bin': '', 'html/names/.keep': '' },
  })
  execFileSync('mkfifo', [server.path('html/fifo')])
  symlinkSync('/dev/zero', server.path('html/device'))
  symlinkSync('/proc/self/status', server.path('html/proc'))
  unixServer = createServer().listen(server.path('html/socket'))
  writeFileSync(server.path('html/huge.bin'), '')
  truncateSync(server.path('html/huge.bin'), 5 * 1024 * MIB)
  for (const name of ['<script>alert(1)', 'a%2fb', 'line\nend', 'q?x', 'colon:1', '"quoted"'])
    writeFileSync(server.path(`html/names/${name}`), 'x')
}, 60_000)

afterAll(async () => {
  unixServer.close()
  await server.stop()
})

const get = async (path: string, more = ''): Promise<string> =>
  (await sendRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`)).text

const statusOf = (answer: string): string => answer.slice(9, 12)

describe('What is no regular file', () => {
  it.each(['fifo', 'device', 'socket'])('%s is not opened, and stops nobody', async (name) => {
    expect(statusOf(await get(`/${name}`))).toBe('404')
    expect(await get('/plain')).toMatch(/plain$/)
    expect(server.read('logs/error.log')).toContain(`html/${name}" is not a regular file`)
  })

  it('a file of /proc has the length that it says, and no more', async () => {
    const answer = await get('/proc')
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toContain('Content-Length: 0')
    expect(body).toBe('')
  })
})

/** Begins to read a large file, lets `change` happen, then reads the rest. */
async function whileSent(name: string, change: (path: string) => void): Promise<RawConnection> {
  const path = server.path(`html/${name}`)
  writeFileSync(path, Buffer.alloc(LARGE, 'o'))
  const connection = await RawConnection.open(server.port)
  connection.send(`GET /${name} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await connection.until((it) => it.text.length > 0)
  connection.socket.pause()
  change(path)
  connection.socket.resume()
  return connection
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)
const isWhole = ({ text }: RawConnection): boolean => text.length >= LARGE && bodyOf(text).length >= LARGE

describe('A file that changes while it is sent', () => {
  it('and is cut short ends the connection, without a byte that it does not have', async () => {
    const connection = await whileSent('cut.bin', (path) => truncateSync(path, LARGE / 2))
    const text = await connection.whole(20_000)
    expect(text).toContain(`Content-Length: ${LARGE}\r\n`)
    expect(bodyOf(text).length).toBeLessThan(LARGE)
    expect(bodyOf(text)).toMatch(/^o*$/)
    expect(await get('/plain')).toMatch(/plain$/)
  }, 60_000)

  it('and is replaced goes on as it was', async () => {
    const connection = await whileSent('replaced.bin', (path) => {
      writeFileSync(`${path}.new`, 'new')
      renameSync(`${path}.new`, path)
    })
    await connection.until(isWhole, 20_000)
    connection.close()
    expect(bodyOf(connection.text).length).toBe(LARGE)
    expect(bodyOf(connection.text)).toMatch(/^o*$/)
    expect(await get('/replaced.bin')).toMatch(/\r\n\r\nnew$/)
  }, 60_000)

  it('and is deleted goes on to its end', async () => {
    const connection = await whileSent('deleted.bin', (path) => rmSync(path))
    await connection.until(isWhole, 20_000)
    connection.close()
    expect(bodyOf(connection.text).length).toBe(LARGE)
    expect(statusOf(await get('/deleted.bin'))).toBe('404')
  }, 60_000)
})

describe('A length', () => {
  it('of nothing is 0', async () => {
    expect(await get('/empty.bin')).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Content-Length: 0\r\n/)
    // as nginx: no range is looked for where there is nothing
    expect(statusOf(await get('/empty.bin', 'Range: bytes=0-0\r\n'))).toBe('200')
  })

  it('above 4 GiB is said whole, and a range behind it is found', async () => {
    const head = (
      await sendRaw(server.port, 'HEAD /huge.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    ).text
    expect(head).toContain(`Content-Length: ${5 * 1024 * MIB}\r\n`)
    const last = await get('/huge.bin', 'Range: bytes=5368709115-\r\n')
    expect(last).toContain('Content-Range: bytes 5368709115-5368709119/5368709120\r\n')
    expect(bodyOf(last)).toBe('\0'.repeat(5))
  })
})

it('Names in a list are escaped, for the page and for the link', async () => {
  const page = await get('/list/')
  expect(page).not.toContain('<script>')
  expect(page).toContain('&lt;script&gt;alert(1)')
  expect(page).toContain('href="a%252fb"')
  expect(page).toMatch(/href="q%3fx"/i)
  expect(page).not.toMatch(/href="[^"]*\n/)
  expect(page).not.toMatch(/href="[^"]*"[^ >]/)
})

describe('Requests on one connection', () => {
  const one = 'GET /plain HTTP/1.1\r\nHost: a\r\n\r\n'

  it('are answered in their order, up to the one that is none', async () => {
    const broken = 'GET /plain HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n'.replace(
      'X Y: 1',
      'Transfer-Encoding: x',
    )
    const { text, closed } = await sendRaw(server.port, one.repeat(50) + broken + one.repeat(49))
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1])
    expect(statuses).toHaveLength(51)
    expect(new Set(statuses.slice(0, 50))).toEqual(new Set(['200']))
    expect(['400', '501']).toContain(statuses[50])
    expect(closed).toBe(true)
  })

  it('end with Connection: close, whatever follows, and the answer arrives whole', async () => {
    mkdirSync(server.path('html/x'), { recursive: true })
    writeFileSync(server.path('html/x/mib.bin'), Buffer.alloc(MIB, 'm'))
    const last = 'GET /x/mib.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const { text, closed } = await sendRaw(server.port, last + '\0garbage'.repeat(5_000))
    expect(bodyOf(text).length).toBe(MIB)
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(closed).toBe(true)
  })

  it('mean the same wherever they are cut', async () => {
    const request = 'GET /plain?a=1 HTTP/1.1\r\nHost: a\r\nX-A: b\r\nConnection: close\r\n\r\n'
    const whole = bodyOf((await sendRaw(server.port, request)).text)
    for (let at = 1; at < request.length; at += 1) {
      const connection = await RawConnection.open(server.port)
      connection.send(request.slice(0, at))
      await new Promise((resolve) => setImmediate(resolve))
      connection.send(request.slice(at))
      expect(bodyOf(await connection.whole()), `cut at ${at}`).toBe(whole)
      connection.close()
    }
  })
})

it('Only the file that was cut is worth an alert', () => {
  const alerts = server.read('logs/error.log').match(/\[(?:alert|emerg)\].*/g) ?? []
  expect(alerts).toEqual([expect.stringContaining('file was truncated while it was being sent')])
})
