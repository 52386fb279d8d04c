/** Kept connections to an HTTP upstream in this process, over a unix socket. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConnectionPool } from '../../../src/front/upstream/connection-pool.ts'
import type { ExchangeFault, ExchangeListener } from '../../../src/front/upstream/exchange.ts'
import { HttpChannel, type HttpRequest } from '../../../src/front/upstream/http-channel.ts'
import { Peer } from '../../../src/front/upstream/peer.ts'

const DIALLING = { keepAlive: false, localAddress: undefined, localPort: undefined }
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

class Heard implements ExchangeListener {
  ends = 0
  readonly faults: ExchangeFault[] = []

  onConnected(): void {
    // not looked at
  }
  onSendProgress(): void {
    // not looked at
  }
  onEarlyHints(): void {
    // not looked at
  }
  onHead(): void {
    // not looked at
  }
  onBody(): void {
    // not looked at
  }
  onReadComplete(): void {
    // not looked at
  }
  onStderr(): void {
    // not looked at
  }
  onWarning(): void {
    // not looked at
  }
  onUpgrade(): never {
    throw new Error('nobody asked')
  }
  onEnd(): void {
    this.ends += 1
  }
  onFault(fault: ExchangeFault): void {
    this.faults.push(fault)
  }
}

let folder: string
let upstream: Server
let sockets: Socket[]
let heads: string[]
let pool: ConnectionPool<HttpChannel>
let peer: Peer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-http-'))
  sockets = []
  heads = []
  upstream = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      heads.push(bytes.toString('latin1'))
      socket.write(OK)
    })
  })
  const path = join(folder, 'u.sock')
  await new Promise<void>((resolve) => upstream.listen(path, resolve))
  pool = new ConnectionPool({ connections: 4, requests: 100, timeMs: 60_000, timeoutMs: 60_000 })
  const limits = { weight: 1, maxFails: 0, failTimeoutMs: 0, maxConnections: 0, backup: false, down: false }
  const names = { text: 'peer', server: 'peer', route: '', slowStartMs: 0, drain: false }
  peer = new Peer({ address: { kind: 'unix', path }, ...names, ...limits })
})

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

function request(method: string): HttpRequest {
  const head = `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`
  return { method, head, body: undefined, chunked: false, keepAlive: true, upgrade: false }
}

async function keptChannel(): Promise<HttpChannel> {
  const heard = new Heard()
  new HttpChannel(peer, pool, DIALLING, 4096).begin(request('GET'), heard)
  await expect.poll(() => heard.ends).toBe(1)
  const kept = pool.take(peer, DIALLING)
  if (!kept) throw new Error('it was not kept')
  return kept
}

it('says that nothing was sent of a request whose upstream had gone from the kept connection', async () => {
  const kept = await keptChannel()
  const heard = new Heard()
  sockets[0]?.destroy()
  kept.begin(request('POST'), heard)
  await expect.poll(() => heard.faults.length).toBe(1)
  expect(heard.faults[0]).toMatchObject({
    kind: 'closed',
    message: 'send() failed (32: Broken pipe) while sending request to upstream',
    sent: false,
    stale: true,
  })
  expect(heads).toHaveLength(1)
})

it('says that a request may have been seen whose upstream went when it was written', async () => {
  const kept = await keptChannel()
  const heard = new Heard()
  kept.begin(request('POST'), heard)
  sockets[0]?.destroy()
  await expect.poll(() => heard.faults.length).toBe(1)
  expect(heard.faults[0]).toMatchObject({ kind: 'closed', sent: true, stale: true })
})
