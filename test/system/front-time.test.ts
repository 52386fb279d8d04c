/** Slow, stalled, vanishing and greedy clients: time-outs, bounded memory, and nothing left of them afterwards. */
import { createServer, type Server, type Socket } from 'node:net'
import { truncateSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAnswers } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { openFiles, openSockets, residentBytes, workerPid } from '../support/process-figures.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { sendRaw } from '../support/raw-client.ts'

const MIB = 1 << 20
const GET = 'GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n'

let server: PorticoServer
let worker: number
/** An application that takes requests and says nothing until told. */
let silent: Server
const silentSockets = new Set<Socket>()
let restingSockets = 0

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      events { worker_connections 100; }
      http {
        log_format own '$request_method $uri $status $body_bytes_sent -$request_completion';
        access_log logs/access.log own;
        client_header_timeout 1s;
        client_body_timeout 1s;
        send_timeout 1s;
        keepalive_timeout 1s;
        lingering_timeout 1s;
        lingering_time 2s;
        client_max_body_size 100m;
        client_body_buffer_size 16k;
        server {
          listen 127.0.0.1:%PORT%;
          root html;
          location /silent { uwsgi_pass unix:run/silent.sock; }
          location /stubborn { uwsgi_pass unix:run/silent.sock; uwsgi_ignore_client_abort on; }
          location /reset/ { alias html/; reset_timedout_connection on; }
        }
      }`,
    files: { 'logs/.keep': '', 'html/a.txt': 'hello\n', 'html/big.bin': '' },
  })
  truncateSync(server.path('html/big.bin'), 100 * MIB)
  await server.waitFor(() => workerPid(server.read('logs/error.log')) > 0, 'the line of its worker')
  worker = workerPid(server.read('logs/error.log'))
  silent = createServer((socket) => {
    silentSockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => silentSockets.delete(socket))
    socket.resume()
  })
  await new Promise<void>((resolve) => silent.listen(server.path('run/silent.sock'), resolve))
  await sendRaw(server.port, GET, { quietMs: 100 })
  await settled(() => true)
  restingSockets = openSockets(worker)
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|emerg|crit)\]/)
  silent.close()
  for (const socket of silentSockets) socket.destroy()
  await server.stop()
})

function accessLines(): string[] {
  return server.read('logs/access.log').trimEnd().split('\n')
}

/** Waits until the condition holds and no connection of a client or to an application is left. */
async function settled(condition: () => boolean, timeoutMs = 6_000): Promise<void> {
  const quiet = (): boolean => restingSockets === 0 || openSockets(worker) <= restingSockets
  await server.waitFor(() => condition() && quiet(), 'the worker to be at rest', timeoutMs)
}

async function elapsed(work: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work
  return performance.now() - start
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Sends a piece every 150 ms until the connection is over. */
async function trickle(connection: RawConnection, piece: string): Promise<void> {
  while (!connection.ended && connection.fault === undefined) {
    connection.send(piece)
    await pause(150)
  }
}

describe('client_header_timeout', () => {
  it('is for the whole head: bytes that trickle do not extend it', async () => {
    const connection = await RawConnection.open(server.port)
    const time = await elapsed(trickle(connection, 'G'))
    expect(time).toBeGreaterThan(800)
    expect(time).toBeLessThan(2000)
    expect(connection.text).toBe('')
    await settled(() => accessLines().at(-1)?.includes(' 408 ') ?? false)
    connection.close()
  })

  it('closes a connection on which nothing is sent, without a line in the access log', async () => {
    const before = accessLines().length
    const connection = await RawConnection.open(server.port)
    expect(await elapsed(connection.whole())).toBeGreaterThan(800)
    expect(accessLines()).toHaveLength(before)
    expect(server.read('logs/error.log')).toContain('client timed out (110: Connection timed out)')
    connection.close()
  })

  it('begins anew with the first byte of a further request', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(GET)
    await connection.until((it) => it.text.includes('hello'))
    await pause(700)
    const time = await elapsed(trickle(connection, 'G'))
    expect(time).toBeGreaterThan(800)
    expect(time).toBeLessThan(2000)
    connection.close()
  })
})

describe('keepalive_timeout', () => {
  it('closes an idle connection without a word', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(GET)
    await connection.until((it) => it.text.includes('hello'))
    const time = await elapsed(connection.whole())
    expect(time).toBeGreaterThan(800)
    expect(time).toBeLessThan(2000)
    expect(readAnswers(connection.text)).toHaveLength(1)
    connection.close()
  })
})

describe('client_body_timeout', () => {
  const head = 'POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n'

  it('ends a body that stalls, logged with 408, and no application hears of it', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(`${head}half`)
    const time = await elapsed(connection.whole())
    expect(time).toBeGreaterThan(800)
    expect(time).toBeLessThan(2000)
    expect(connection.text).toBe('')
    expect(silentSockets.size).toBe(0)
    await settled(() => accessLines().includes('POST /silent 408 0 -'))
    connection.close()
  })

  it('is between two reads: a body that trickles is taken whole', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(head)
    for (let piece = 0; piece < 10; piece += 1) {
      connection.send('x'.repeat(10))
      await pause(250)
    }
    await connection.until(() => silentSockets.size === 1)
    connection.close()
    await settled(() => accessLines().includes('POST /silent 499 0 -'))
  })

  it('answers 400 to a client that ends its body too early', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(`${head}half`)
    connection.finish()
    expect(readAnswers(await connection.whole()).map(({ status }) => status)).toEqual([400])
    expect(silentSockets.size).toBe(0)
    connection.close()
  })
})

describe('send_timeout', () => {
  it.each([
    ['closes the connection', '/big.bin'],
    ['resets it with reset_timedout_connection', '/reset/big.bin'],
  ])('of a client that reads nothing %s', async (_name, target) => {
    const connection = await RawConnection.open(server.port)
    connection.socket.pause()
    connection.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const lines = accessLines().length
    const time = await elapsed(settled(() => accessLines().length > lines))
    expect(time).toBeGreaterThan(800)
    expect(time).toBeLessThan(4000)
    expect(accessLines().at(-1)).toMatch(new RegExp(`^GET ${target} 200 \\d+ -$`))
    connection.socket.resume()
    await connection.until((it) => it.socket.destroyed || it.ended)
    expect(connection.text.length).toBeLessThan(100 * MIB)
    connection.close()
  })

  it('lets a client be that reads slowly', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(
      'GET /big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-19999999\r\nConnection: close\r\n\r\n',
    )
    for (let wanted = 2 * MIB; wanted < 20_000_000; wanted += 2 * MIB) {
      connection.socket.pause()
      await pause(400)
      connection.socket.resume()
      await connection.until((it) => it.text.length >= wanted)
    }
    const [answer] = readAnswers(await connection.whole())
    expect(answer?.body.length).toBe(20_000_000)
    connection.close()
  })
})

describe('Lingering', () => {
  const bad = 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'

  it('ends after lingering_timeout when the client neither sends nor closes', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(bad)
    await connection.whole()
    const time = await elapsed(settled(() => true))
    expect(time).toBeLessThan(2500)
    connection.close()
  })

  it('ends after lingering_time though the client goes on sending', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send(bad)
    await connection.whole()
    const start = performance.now()
    while (connection.fault === undefined && performance.now() - start < 5000) {
      connection.send('x')
      await pause(50)
    }
    expect(connection.fault).toMatch(/ECONNRESET|EPIPE/)
    expect(performance.now() - start).toBeGreaterThan(1500)
    expect(performance.now() - start).toBeLessThan(4000)
    await settled(() => true)
  })
})

describe('A client that goes away', () => {
  it('while an application works on its request is logged with 499, and the application is let go', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send('GET /silent/gone HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(() => silentSockets.size === 1)
    connection.close()
    await settled(() => accessLines().includes('GET /silent/gone 499 0 -') && silentSockets.size === 0)
  })

  it('does not disturb an application with uwsgi_ignore_client_abort, whose answer is read to its end', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send('GET /stubborn HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(() => silentSockets.size === 1)
    connection.close()
    await pause(300)
    expect(silentSockets.size).toBe(1)
    const [socket] = silentSockets
    socket?.end(`Status: 200 OK\r\nContent-Length: ${4 * MIB}\r\n\r\n${'x'.repeat(4 * MIB)}`)
    await settled(() => silentSockets.size === 0)
  })

  it('in the middle of a file costs nothing: fifty of them', async () => {
    const storm = Array.from({ length: 50 }, async () => {
      const connection = await RawConnection.open(server.port)
      connection.send('GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n')
      await connection.until((it) => it.text.length > 0)
      connection.close()
    })
    await Promise.all(storm)
    await settled(() => accessLines().filter((line) => line.startsWith('GET /big.bin 200')).length >= 50)
    await settled(() => openFiles(worker).every((name) => !name.endsWith('big.bin')))
  })

  it('in the middle of an upload leaves no temporary file open', async () => {
    const uploads = Array.from({ length: 10 }, async () => {
      const connection = await RawConnection.open(server.port)
      connection.send('POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n')
      connection.send(Buffer.alloc(500_000))
      await pause(100)
      connection.socket.resetAndDestroy()
    })
    await Promise.all(uploads)
    await settled(() => openFiles(worker).every((name) => !name.includes('(deleted)')))
  })
})

describe('Memory', () => {
  it('does not grow with what clients do not read', async () => {
    const before = residentBytes(worker)
    const connections = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const connection = await RawConnection.open(server.port)
        connection.socket.pause()
        connection.send('GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n')
        return connection
      }),
    )
    await pause(700)
    expect(residentBytes(worker) - before).toBeLessThan(60 * MIB)
    for (const connection of connections) connection.close()
    await settled(() => true)
  })

  it('does not grow with what is sent behind a request under way', async () => {
    const connection = await RawConnection.open(server.port)
    connection.send('GET /silent HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(() => silentSockets.size === 1)
    const before = residentBytes(worker)
    connection.send(Buffer.alloc(150 * MIB, GET))
    await pause(700)
    expect(residentBytes(worker) - before).toBeLessThan(60 * MIB)
    // what was held back is answered once the application is
    for (const socket of silentSockets) socket.end('Status: 204 No Content\r\n\r\n')
    await connection.until((it) => it.text.split('hello').length > 500)
    connection.close()
    await settled(() => true)
  })

  it('does not grow with a body that goes to a file', async () => {
    const before = residentBytes(worker)
    const connection = await RawConnection.open(server.port)
    connection.send(`POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: ${90 * MIB}\r\n\r\n`)
    connection.send(Buffer.alloc(90 * MIB))
    await connection.until(() => silentSockets.size === 1)
    expect(residentBytes(worker) - before).toBeLessThan(60 * MIB)
    connection.close()
    await settled(() => openFiles(worker).every((name) => !name.includes('(deleted)')))
  })
})

describe('worker_connections', () => {
  it('makes the longest idle connection give way to a new one', async () => {
    const idle: RawConnection[] = []
    for (let count = 0; count < 100; count += 1) idle.push(await RawConnection.open(server.port))
    for (const connection of idle) connection.send(GET)
    await Promise.all(idle.map((connection) => connection.until((it) => it.text.includes('hello'))))
    const late = await sendRaw(server.port, GET, { quietMs: 100 })
    expect(late.text).toContain('hello')
    expect(idle.filter((connection) => connection.ended).length).toBeGreaterThan(0)
    for (const connection of idle) connection.close()
    await settled(() => true)
  })
})
