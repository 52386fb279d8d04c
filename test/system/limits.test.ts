/** Limits of one connection and of one request that no other file reaches: see conf/limits.md. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { readAnswers } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { sendRaw } from '../support/raw-client.ts'

const KEPT = 3
const LIFE_MS = 300
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Says its port and stands still: the kernel takes two connections for it and no more. */
const STANDING = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.stdout.write(String(server.address().port), () => process.kill(process.pid, 'SIGSTOP'))
})`

let server: PorticoServer
let standing: ChildProcess
const waiting: Socket[] = []
let port: number
let oldPort: number

beforeAll(async () => {
  port = await freePort()
  oldPort = await freePort()
  standing = spawn(process.execPath, ['-e', STANDING], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = standing.stdout ? ((await once(standing.stdout, 'data')) as [Buffer]) : []
  const fullPort = Number(said)
  server = await PorticoServer.start({
    conf: `
      error_log logs/error.log info;
      http {
        root html;
        server {
          listen 127.0.0.1:${port};
          keepalive_requests ${KEPT};
          location /round { rewrite ^ /round/ last; }
          location /again { try_files /none /again; }
          location /full { proxy_pass http://127.0.0.1:${fullPort}; proxy_connect_timeout 300ms; }
          location /order { proxy_pass http://shop; proxy_connect_timeout 300ms; }
          location /ssi/ { ssi on; default_type text/html; }
        }
        upstream shop { server 127.0.0.1:${fullPort}; server 127.0.0.1:${oldPort} backup; }
        server {
          listen 127.0.0.1:${oldPort};
          keepalive_time ${LIFE_MS}ms;
          location /order { return 200 taken; }
        }
      }`,
    files: {
      'logs/.keep': '',
      'html/a.txt': 'hello\n',
      'html/ssi/self.html': '<p><!--# include virtual="/ssi/self.html" --></p>',
    },
  })
})
afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|emerg|crit)\]/)
  for (const socket of waiting) socket.destroy()
  standing.kill('SIGKILL')
  await server.stop()
})

describe('A connection', () => {
  it('is answered that many requests, the last with Connection: close', async () => {
    const { text, closed } = await sendRaw(port, get('/a.txt').repeat(KEPT + 2))
    const answers = readAnswers(text)
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: KEPT }, () => 200))
    expect(answers.map(({ headers }) => headers.get('connection'))).toEqual([
      'keep-alive',
      'keep-alive',
      'close',
    ])
    expect(closed).toBe(true)
  })

  it('that is older than keepalive_time has its last answer', async () => {
    const connection = await RawConnection.open(oldPort)
    connection.send(get('/a.txt'))
    await connection.until(({ text }) => text.includes('hello'))
    await sleep(2 * LIFE_MS)
    connection.send(get('/a.txt'))
    const answers = readAnswers(await connection.whole())
    expect(answers.map(({ headers }) => headers.get('connection'))).toEqual(['keep-alive', 'close'])
    connection.close()
  })
})

describe('A circle', () => {
  it.each([
    ['of a rewrite ends with 500', '/round', '/round/'],
    ['of internal redirects ends with 500', '/again', '/again'],
  ])('%s', async (_, path, last) => {
    const { text } = await sendRaw(port, get(path), { quietMs: 300 })
    expect(readAnswers(text).map(({ status }) => status)).toEqual([500])
    expect(server.read('logs/error.log')).toMatch(
      new RegExp(`rewrite or internal redirection cycle while .* "${last}"`),
    )
  })

  it('of a page that includes itself ends', async () => {
    const { text } = await sendRaw(port, get('/ssi/self.html'), { quietMs: 1000 })
    const [answer] = readAnswers(text)
    const opened = answer?.body.match(/<p>/g)?.length ?? 0
    expect(answer?.status).toBe(200)
    expect(opened).toBeGreaterThan(40)
    expect(opened).toBeLessThan(60)
    expect(answer?.body.match(/<\/p>/g)).toHaveLength(opened)
    expect(server.read('logs/error.log')).toContain('subrequests cycle while processing "/ssi/self.html"')
  })
})

it('An upstream that takes no connection is given up after proxy_connect_timeout', async () => {
  const location = /http:\/\/127\.0\.0\.1:(\d+); proxy_connect/.exec(server.read('conf/portico.conf'))
  for (let n = 0; n < 6; n += 1) {
    waiting.push(connect(Number(location?.[1]), '127.0.0.1').on('error', () => undefined))
  }
  for (const socket of waiting.slice(0, 2)) if (socket.connecting) await once(socket, 'connect')
  const { text } = await sendRaw(port, `GET /full HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  expect(readAnswers(text).map(({ status }) => status)).toEqual([504])
  expect(server.read('logs/error.log')).toMatch(/upstream timed out .* while connecting to upstream/)
  // an order of which nothing was sent goes elsewhere
  const order = 'POST /order HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1'
  const [answer] = readAnswers((await sendRaw(port, order)).text)
  expect([answer?.status, answer?.body]).toEqual([200, 'taken'])
})
