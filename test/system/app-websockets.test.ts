/** Web sockets through both tiers: what is none never switches, bad frames are the application's to end, and reloads. */
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = fileURLToPath(new URL('fixtures/chat.mjs', import.meta.url))
const PATIENCE_MS = 30_000

let server: PorticoServer

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      error_log stderr info; worker_shutdown_timeout 2s;
      app chat { entry ${ENTRY}; }
      http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass chat; } } }`,
    startTimeoutMs: 60_000,
  })
}, 70_000)

afterAll(async () => {
  await server.stop()
})

class Client {
  readonly socket: Socket
  bytes = Buffer.alloc(0)
  closed = false

  constructor(text: string) {
    this.socket = connect(server.port, '127.0.0.1')
    this.socket.on('data', (more: Buffer) => (this.bytes = Buffer.concat([this.bytes, more])))
    this.socket.on('error', () => undefined)
    this.socket.on('end', () => this.socket.end())
    this.socket.on('close', () => (this.closed = true))
    this.socket.write(text, 'latin1')
  }

  static async opened(): Promise<Client> {
    const client = new Client(handshake({}))
    await server.waitFor(() => client.text.includes('\r\n\r\n'), 'the switch', PATIENCE_MS)
    expect(client.text).toMatch(/^HTTP\/1\.1 101 /)
    return client
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  /** What came behind the head. */
  get frames(): Buffer {
    return this.bytes.subarray(this.bytes.indexOf('\r\n\r\n') + 4)
  }
}

const FIELDS = {
  Host: 'x',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
} as const

/** An undefined field is left out. */
function handshake(
  changes: Readonly<Record<string, string | undefined>>,
  line = 'GET /chat HTTP/1.1',
): string {
  const fields = Object.entries({ ...FIELDS, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return `${line}\r\n${fields.join('')}\r\n`
}

/** With a mask of zeros; a length of its own may lie. */
function frame(
  first: number,
  payload: Uint8Array,
  length: Uint8Array = Buffer.from([0x80 | payload.length]),
): Buffer {
  return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(4), payload])
}

const text = (value: string): Buffer => frame(0x81, Buffer.from(value))

describe('what is no web socket', () => {
  it.each<[name: string, request: string, status: RegExp]>([
    ['another version', handshake({ 'Sec-WebSocket-Version': '7' }), /^HTTP\/1\.1 4(00|26) /],
    ['a key that is none', handshake({ 'Sec-WebSocket-Key': 'short' }), /^HTTP\/1\.1 400 /],
    ['no key', handshake({ 'Sec-WebSocket-Key': undefined }), /^HTTP\/1\.1 400 /],
    ['another method', handshake({ 'Content-Length': '0' }, 'POST /chat HTTP/1.1'), /^HTTP\/1\.1 405 /],
    ['HTTP/1.0', handshake({}, 'GET /chat HTTP/1.0'), /^HTTP\/1\.1 (200|4\d\d) /],
    ['no Connection: upgrade', handshake({ Connection: 'close' }), /^HTTP\/1\.1 200 /],
    ['another path', handshake({}, 'GET /other HTTP/1.1'), /^HTTP\/1\.1 400 /],
  ])('is no web socket: %s', async (_name, request, status) => {
    const client = new Client(request)
    await server.waitFor(() => client.text.includes('\r\n\r\n'), 'an answer', PATIENCE_MS)
    expect(client.text).toMatch(status)
    client.socket.destroy()
  })

  it('of another origin is the application’s to refuse', async () => {
    const client = new Client(handshake({ Origin: 'http://evil.test' }))
    await server.waitFor(() => client.text.includes('\r\n\r\n'), 'an answer', PATIENCE_MS)
    expect(client.text).toMatch(/^HTTP\/1\.1 401 /)
    client.socket.destroy()
  })
})

describe('a web socket', () => {
  it.each<[name: string, bytes: Uint8Array, code: number]>([
    ['no mask', Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
    ['a reserved bit', frame(0xc1, Buffer.from('hi')), 1002],
    ['a reserved operation', frame(0x83, Buffer.from('hi')), 1002],
    ['a ping of 126 bytes', frame(0x89, Buffer.alloc(126), Buffer.from([0xfe, 0, 126])), 1002],
    ['a ping in pieces', frame(0x09, Buffer.from('hi')), 1002],
    ['a continuation of nothing', frame(0x80, Buffer.from('hi')), 1002],
    ['text that is no UTF-8', frame(0x81, Buffer.from([0xff, 0xfe])), 1007],
    ['a close code that is none', frame(0x88, Buffer.from([0x03, 0xed])), 1002],
    ['a length of 2^63', frame(0x82, Buffer.alloc(0), Buffer.from([0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])), 1009],
    [
      'a length above what the application takes',
      frame(0x82, Buffer.alloc(0), Buffer.from([0xff, 0, 0, 0, 0, 0, 0x20, 0, 0])),
      1009,
    ],
  ])('ends with its code: %s', async (_name, bytes, code) => {
    const client = await Client.opened()
    client.socket.write(bytes)
    await server.waitFor(() => client.frames.length >= 4, 'a close frame', PATIENCE_MS)
    expect([client.frames[0], client.frames.readUInt16BE(2)]).toEqual([0x88, code])
    await server.waitFor(() => client.closed, 'the end', PATIENCE_MS)
    // Another one is well.
    const next = await Client.opened()
    next.socket.write(text('still here'))
    await server.waitFor(() => next.frames.includes('still here'), 'the echo', PATIENCE_MS)
    next.socket.destroy()
  })

  it('that sends a flood of pings disturbs no other', async () => {
    const client = await Client.opened()
    const pings = Buffer.concat(Array.from({ length: 5000 }, () => frame(0x89, Buffer.from('p'))))
    client.socket.write(pings)
    const other = await Client.opened()
    other.socket.write(text('meanwhile'))
    await server.waitFor(() => other.frames.includes('meanwhile'), 'the echo', PATIENCE_MS)
    // How many it answers is the application's business.
    expect(client.frames[0]).toBe(0x8a)
    for (const one of [client, other]) one.socket.destroy()
  })

  it('live through a reload until worker_shutdown_timeout, then close in order', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => Client.opened()))
    const before = server.output.length
    server.signal('SIGHUP')
    const said = (): string => server.output.slice(before)
    await server.waitFor(() => (said().match(/ is ready/g) ?? []).length >= 2, 'the new workers', PATIENCE_MS)
    for (const client of clients) client.socket.write(text('still here'))
    await server.waitFor(
      () => clients.every(({ frames }) => frames.includes('still here')),
      'the echoes',
      PATIENCE_MS,
    )
    await server.waitFor(() => clients.every(({ closed }) => closed), 'the end', PATIENCE_MS)
    // The application hears of each, as of a client that went away, before its worker ends.
    await server.waitFor(
      () => (said().match(/chat: closed \d+/g) ?? []).length === 50,
      'its word',
      PATIENCE_MS,
    )
    await server.waitFor(
      () => (said().match(/exited with code 0/g) ?? []).length >= 2,
      'the old workers',
      PATIENCE_MS,
    )
    expect(said()).not.toMatch(/chat: E|\[(alert|crit)\]|exited on signal/)
  }, 60_000)
})
