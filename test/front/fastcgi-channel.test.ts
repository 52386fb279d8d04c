/** The front's FastCGI channel against an application in this process, over a unix socket. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  Exchange,
  ExchangeFault,
  ExchangeListener,
  LiveBody,
  SendState,
  UpstreamHead,
} from '../../src/front/upstream/exchange.ts'
import { ConnectionPool } from '../../src/front/upstream/connection-pool.ts'
import { FastcgiChannel, type ChannelOptions } from '../../src/front/upstream/fastcgi-channel.ts'
import { Peer } from '../../src/front/upstream/peer.ts'
import { FCGI_OVERLOADED } from '../../src/protocol/fastcgi/record.ts'
import {
  FASTCGI_REQUEST_LIMITS,
  FastcgiRequestDecoder,
  type FastcgiRequestEvent,
} from '../../src/protocol/fastcgi/request-decoder.ts'
import {
  encodeEndRequest,
  encodeGetValuesResult,
  encodeStderr,
  encodeStdout,
  endText,
  responseText,
} from '../../src/protocol/fastcgi/response-encoder.ts'
import { FakeTransport } from '../support/fake-transport.ts'

const HEAD = 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n'
const SHARED: ChannelOptions = { keep: true, maxRequests: 10, maxHeadBytes: 8192 }
const SINGLE: ChannelOptions = { keep: false, maxRequests: 1, maxHeadBytes: 8192 }

/** One connection as the application sees it. */
class Side {
  readonly socket: Socket
  readonly events: FastcgiRequestEvent[] = []
  /** How many reads it took to get here. */
  reads = 0
  ended = false
  readonly #decoder = new FastcgiRequestDecoder(FASTCGI_REQUEST_LIMITS)

  constructor(socket: Socket) {
    this.socket = socket
    const decoder = this.#decoder
    socket.on('data', (bytes: Buffer) => {
      this.reads += 1
      decoder.receive(bytes)
      for (let event = decoder.next(); event; event = decoder.next())
        this.events.push('data' in event ? { ...event, data: Buffer.from(event.data) } : event)
    })
    socket.on('end', () => (this.ended = true))
    socket.on('close', () => (this.ended = true))
    socket.on('error', () => undefined)
  }

  /** Answers and ends the request, whose id may come again. */
  finish(id: number, text: string): void {
    this.#decoder.finish(id)
    this.socket.write(text, 'latin1')
  }

  get ids(): number[] {
    return this.events.filter((event) => event.type === 'stdin end').map(({ id }) => id)
  }

  stdin(id: number): string {
    return this.events
      .flatMap((event) => (event.type === 'stdin' && event.id === id ? [event.data.toString('latin1')] : []))
      .join('')
  }
}

/** What the engine would hear. */
class Heard implements ExchangeListener {
  head: UpstreamHead | undefined
  body = ''
  stderr = ''
  ends = 0
  faults: ExchangeFault[] = []
  progress: SendState[] = []
  exchange: Exchange | undefined

  onConnected(): void {
    // not looked at
  }
  onSendProgress(state: SendState): void {
    this.progress.push(state)
  }
  onEarlyHints(): void {
    // not looked at
  }
  onUpgrade(): never {
    throw new Error('FastCGI has no upgrade')
  }
  onHead(head: UpstreamHead): void {
    this.head = head
  }
  onBody(chunk: Buffer): void {
    this.body += chunk.toString('latin1')
  }
  onReadComplete(): void {
    // not looked at
  }
  onStderr(text: string): void {
    this.stderr += text
  }
  onWarning(): void {
    // not looked at
  }
  onEnd(): void {
    this.ends += 1
  }
  onFault(fault: ExchangeFault): void {
    this.faults.push(fault)
  }

  get over(): boolean {
    return this.ends + this.faults.length > 0
  }
}

let folder: string
let application: Server
let sides: Side[]
/** Of this test's channel. */
let closed: { count: number }
let channel: FastcgiChannel

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-fcgi-'))
  sides = []
  closed = { count: 0 }
  application = createServer({ allowHalfOpen: true }, (socket) => sides.push(new Side(socket)))
  await new Promise<void>((resolve) => application.listen(join(folder, 'a.sock'), resolve))
})

afterEach(() => {
  for (const { socket } of sides) socket.destroy()
  application.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(options: ChannelOptions, path = 'a.sock'): FastcgiChannel {
  const address = { kind: 'unix', path: join(folder, path) } as const
  const own = closed
  const limits = { weight: 1, maxFails: 0, failTimeoutMs: 0, maxConnections: 0, backup: false, down: false }
  channel = new FastcgiChannel(
    new Peer({ address, text: 'peer', server: 'peer', slowStartMs: 0, route: '', drain: false, ...limits }),
    options,
    () => (own.count += 1),
  )
  return channel
}

function begin(name = 'a', body?: string): Heard {
  const heard = new Heard()
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const source = bytes && { length: bytes.length, memory: [bytes], readAt: () => 0 }
  heard.exchange = channel.begin(['NAME', name], source, heard)
  return heard
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 15_000, interval: 5 }).toBe(true)
}

async function arrived(count: number): Promise<Side> {
  await until(() => sides.length > 0 && (sides[0]?.ids.length ?? 0) >= count)
  return sides[0] as Side
}

const reply = (side: Side, id: number, body: string): boolean =>
  side.socket.write(responseText(id, HEAD, Buffer.from(body)), 'latin1')

describe('a shared channel', () => {
  it('carries many requests, sent in one write, and answers in any order', async () => {
    open(SHARED)
    const heard = ['one', 'two', 'three'].map((name) => begin(name, `body of ${name}`))
    const side = await arrived(3)
    expect(side.reads).toBe(1)
    expect(side.ids.map((id) => side.stdin(id))).toEqual(['body of one', 'body of two', 'body of three'])
    for (const id of [...side.ids].reverse()) reply(side, id, `answer ${id}`)
    await until(() => heard.every(({ over }) => over))
    expect(heard.map(({ body, ends }) => [body, ends])).toEqual(side.ids.map((id) => [`answer ${id}`, 1]))
    expect(heard[0]?.head?.headers.get('content-type')).toBe('text/plain')
    expect(channel.open).toBe(true)
    expect(sides).toHaveLength(1)
  })

  it('begins with another id than those who do not multiplex, so that it is told a farewell', async () => {
    open(SHARED)
    begin()
    expect((await arrived(1)).ids).toEqual([2])
  })

  it('takes no more requests than it may', () => {
    open({ keep: true, maxRequests: 2, maxHeadBytes: 8192 })
    begin()
    expect(channel.open).toBe(true)
    begin()
    expect(channel.open).toBe(false)
  })

  it('keeps answers apart that come in turns', async () => {
    open(SHARED)
    const [one, two] = [begin(), begin()]
    const side = await arrived(2)
    const [first = 0, second = 0] = side.ids
    for (const piece of [HEAD, 'a', 'b', 'c'])
      for (const id of [first, second])
        side.socket.write(encodeStdout(id, Buffer.from(piece + (piece === HEAD ? '' : id))))
    side.socket.write(endText(second), 'latin1')
    await until(() => two.over)
    expect(two.body).toBe(`a${second}b${second}c${second}`)
    expect(one.over).toBe(false)
    side.socket.write(endText(first), 'latin1')
    await until(() => one.over)
    expect(one.body).toBe(`a${first}b${first}c${first}`)
  })

  it('tells the application of a request that is given up, and drops the rest of its answer', async () => {
    open(SHARED)
    const [one, two] = [begin(), begin()]
    const side = await arrived(2)
    const [first = 0, second = 0] = side.ids
    side.socket.write(encodeStdout(first, Buffer.from(HEAD)))
    await until(() => one.head !== undefined)
    one.exchange?.abort()
    await until(() => side.events.some((event) => event.type === 'abort' && event.id === first))
    side.socket.write(encodeStdout(first, Buffer.from('late')))
    reply(side, second, 'fine')
    await until(() => two.over)
    expect(one).toMatchObject({ body: '', ends: 0, faults: [] })
  })

  it('does not use the id of a request that was given up before the application has ended that', async () => {
    open({ ...SHARED, maxRequests: 2 })
    const given = begin()
    const side = await arrived(1)
    const [first = 0] = side.ids
    given.exchange?.abort()
    const answerNext = async (): Promise<number> => {
      const heard = begin()
      await arrived(side.ids.length + 1)
      const id = side.ids.at(-1) ?? 0
      side.finish(id, responseText(id, HEAD, Buffer.from('answer')))
      await until(() => heard.over)
      return id
    }
    const meanwhile: number[] = []
    for (let round = 0; round < 8; round += 1) meanwhile.push(await answerNext())
    expect(meanwhile).not.toContain(first)
    side.finish(first, endText(first))
    const afterwards: number[] = []
    for (let round = 0; round < 8; round += 1) afterwards.push(await answerNext())
    expect(afterwards).toContain(first)
  })

  it('holds a paused answer and gives it later, while others go on', async () => {
    open(SHARED)
    const [one, two] = [begin(), begin()]
    const side = await arrived(2)
    const [first = 0, second = 0] = side.ids
    one.exchange?.pause()
    reply(side, first, 'held')
    reply(side, second, 'at once')
    await until(() => two.over)
    expect(one.body).toBe('')
    one.exchange?.resume()
    expect(one).toMatchObject({ body: 'held', ends: 1 })
  })

  it('tells an application of ours to pause an answer alone, and to go on', async () => {
    open(SHARED)
    const one = begin()
    const side = await arrived(1)
    const [id = 0] = side.ids
    const flow = (): unknown[] => side.events.filter((event) => event.type === 'flow')
    one.exchange?.pause()
    side.socket.write(encodeStdout(id, Buffer.from(HEAD)))
    side.socket.write(encodeStdout(id, Buffer.alloc(60_000, 'x')))
    const other = begin()
    await arrived(2)
    reply(side, side.ids[1] ?? 0, 'at once')
    await until(() => other.over)
    expect(flow()).toEqual([])
    side.socket.write(encodeStdout(id, Buffer.alloc(60_000, 'x')))
    await until(() => flow().length === 1)
    expect(flow()).toEqual([{ type: 'flow', id, paused: true }])
    expect(channel.open).toBe(true)
    one.exchange?.resume()
    await until(() => flow().length === 2)
    expect(flow()[1]).toEqual({ type: 'flow', id, paused: false })
    side.socket.write(endText(id), 'latin1')
    await until(() => one.over)
    expect(one.body.length).toBe(120_000)
  })

  it('stops reading when a paused answer grows beyond its bound, and takes no further request meanwhile', async () => {
    open(SHARED)
    const one = begin()
    const side = await arrived(1)
    const [id = 0] = side.ids
    one.exchange?.pause()
    side.socket.write(encodeStdout(id, Buffer.from(HEAD)))
    const piece = encodeStdout(id, Buffer.alloc(60_000, 'x'))
    let written = 0
    const pour = (): void => {
      while (written < 200) {
        written += 1
        if (!side.socket.write(piece)) {
          side.socket.once('drain', pour)
          return
        }
      }
      side.socket.write(endText(id), 'latin1')
    }
    pour()
    await until(() => !channel.open)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(written).toBeLessThan(100)
    one.exchange?.resume()
    await until(() => one.over)
    expect(one.body.length).toBe(200 * 60_000)
    expect(channel.open).toBe(true)
  })

  it('is read on when the answer that stopped it is given up', async () => {
    open(SHARED)
    const [one, two] = [begin(), begin()]
    const side = await arrived(2)
    const [first = 0, second = 0] = side.ids
    one.exchange?.pause()
    side.socket.write(encodeStdout(first, Buffer.from(HEAD)))
    for (let count = 0; count < 20; count += 1)
      side.socket.write(encodeStdout(first, Buffer.alloc(60_000, 'x')))
    reply(side, second, 'behind it')
    await until(() => !channel.open)
    one.exchange?.abort()
    expect(channel.open).toBe(true)
    await until(() => two.over)
    expect(two.body).toBe('behind it')
  })

  it('fails all its requests when the application goes away', async () => {
    open(SHARED)
    const heard = [begin(), begin()]
    const side = await arrived(2)
    side.socket.destroy()
    await until(() => heard.every(({ over }) => over))
    expect(heard.map(({ faults }) => faults.map(({ kind, sent }) => [kind, sent]))).toEqual([
      [['closed', true]],
      [['closed', true]],
    ])
    expect([channel.open, closed.count]).toEqual([false, 1])
  })

  it('says that nothing was sent of a request whose application is gone before it has left, and takes no more', async () => {
    open(SHARED)
    const one = begin()
    const side = await arrived(1)
    const gone = new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    side.socket.destroy()
    const late = begin('late')
    await gone
    expect(channel.open).toBe(false)
    await until(() => one.over && late.over)
    expect(one.faults.map(({ sent, stale }) => [sent, stale === true])).toEqual([[true, false]])
    expect(late.faults.map(({ sent, stale }) => [sent, stale === true])).toEqual([[false, true]])
  })

  it('takes no further request from the moment on at which the application has closed its side', () => {
    open(SHARED, 'nobody.sock')
    channel.onConnect(
      new (class extends FakeTransport {
        override destroySoon(): void {
          // its end is heard of later
        }
      })(Infinity),
    )
    expect(channel.open).toBe(true)
    channel.onEnd()
    expect(channel.open).toBe(false)
  })

  it('sends nothing of a request that is given up before there is a connection', async () => {
    open(SHARED)
    const [one, two] = [begin('one'), begin('two', 'body')]
    one.exchange?.abort()
    const side = await arrived(1)
    expect(side.events.map(({ type }) => type)).toEqual(['begin', 'params', 'stdin', 'stdin end'])
    expect(side.stdin(side.ids[0] ?? 0)).toBe('body')
    reply(side, side.ids[0] ?? 0, 'fine')
    await until(() => two.over)
    expect([one.over, two.body]).toEqual([false, 'fine'])
  })

  it('says of a refused request that it may be tried elsewhere, unless the answer had begun', async () => {
    open(SHARED)
    const [one, two] = [begin(), begin()]
    const side = await arrived(2)
    const [first = 0, second = 0] = side.ids
    side.socket.write(encodeEndRequest(first, 0, FCGI_OVERLOADED))
    side.socket.write(encodeStdout(second, Buffer.from(HEAD)))
    side.socket.write(encodeEndRequest(second, 0, FCGI_OVERLOADED))
    await until(() => one.over && two.over)
    expect(one.faults).toEqual([expect.objectContaining({ kind: 'overloaded', sent: false })])
    expect(two.faults).toEqual([expect.objectContaining({ kind: 'closed', sent: true })])
  })

  it('takes a farewell: no new requests, and closed when the last is answered', async () => {
    open(SHARED)
    const one = begin()
    const side = await arrived(1)
    side.socket.write(encodeGetValuesResult(['FCGI_MAX_REQS'], { maxConnections: 0, maxRequests: 0 }))
    await until(() => !channel.open)
    reply(side, side.ids[0] ?? 0, 'last')
    await until(() => one.over && side.ended)
    expect(one.body).toBe('last')
  })
})

describe('an answer that is none', () => {
  it.each<[string, (id: number) => string | Buffer, ExchangeFault['kind']]>([
    ['no FastCGI', () => 'HTTP/1.1 200 OK\r\n\r\n', 'invalid'],
    ['a head with a control byte', (id) => encodeStdout(id, Buffer.from('X-A: a\x00b\r\n\r\n')), 'invalid'],
    ['an end before the head', (id) => endText(id), 'invalid'],
    [
      'half a head',
      (id) =>
        Buffer.concat([encodeStdout(id, Buffer.from('X-A: 1\r\n')), Buffer.from(endText(id), 'latin1')]),
      'invalid',
    ],
    [
      'a head without end',
      (id) => encodeStdout(id, Buffer.from(`X-A: ${'x'.repeat(60_000)}\r\n`.repeat(1))).fill(120, 100),
      'invalid',
    ],
  ])('is a fault of the application: %s', async (_name, bytes, kind) => {
    open(SINGLE)
    const one = begin()
    const side = await arrived(1)
    const data = bytes(side.ids[0] ?? 0)
    side.socket.write(data, 'latin1')
    if (_name === 'a head without end') for (let n = 0; n < 10; n += 1) side.socket.write(data, 'latin1')
    await until(() => one.over)
    expect(one.faults.map((fault) => fault.kind)).toEqual([kind])
    await until(() => side.ended)
  })
})

describe('a channel for one request', () => {
  it('sends what has come of a body with the head, in one write, and the rest as it comes', () => {
    open(SINGLE, 'nobody.sock')
    const pieces = ['01234']
    let more: (() => void) | undefined
    const state = { ended: false }
    const live: LiveBody = {
      taken: false,
      get ended() {
        return state.ended && pieces.length === 0
      },
      take() {
        const piece = pieces.shift()
        return piece === undefined ? undefined : Buffer.from(piece)
      },
      listen: (onMore) => (more = onMore),
    }
    const heard = new Heard()
    const readAt = (): never => {
      throw new Error('a live body is not read by position')
    }
    channel.begin(['NAME', 'a'], { length: 10, memory: undefined, live, readAt }, heard)
    const transport = new FakeTransport(1000)
    channel.onConnect(transport)
    expect(transport.writes).toHaveLength(1)
    expect(transport.writes[0]).toMatch(/NAMEa.*01234/s)
    pieces.push('56789')
    state.ended = true
    more?.()
    expect(transport.writes.slice(1).join('')).toContain('56789')
    expect(heard.progress.slice(-2)).toEqual(['starved', 'whole'])
  })

  it('sends a body of a file whole, on a connection that is there already', () => {
    open({ ...SINGLE, keep: true })
    const transport = new FakeTransport(Infinity)
    channel.onConnect(transport)
    const bytes = Buffer.alloc(150_000, 'x')
    const readAt = (position: number, into: Buffer): number => bytes.copy(into, 0, position)
    const heard = new Heard()
    channel.begin(['NAME', 'a'], { length: bytes.length, memory: undefined, readAt }, heard)
    const sent = transport.writes.join('')
    expect(sent.split('x')).toHaveLength(bytes.length + 1)
    expect(sent.endsWith('\x01\x05\0\x01\0\0\0\0')).toBe(true)
    expect(heard.progress.at(-1)).toBe('whole')
  })

  it('passes the error stream and closes after the answer', async () => {
    open(SINGLE)
    const one = begin('a', 'x')
    const side = await arrived(1)
    side.socket.write(encodeStderr(side.ids[0] ?? 0, Buffer.from('oh no')))
    reply(side, side.ids[0] ?? 0, 'answer')
    await until(() => one.over && side.ended)
    expect(one).toMatchObject({ stderr: 'oh no', body: 'answer', ends: 1, faults: [] })
  })

  it('gives the whole answer also when the application closes while it is held back', async () => {
    open(SINGLE)
    const one = begin()
    const side = await arrived(1)
    one.exchange?.pause()
    side.socket.end(responseText(side.ids[0] ?? 0, HEAD, Buffer.from('held back')), 'latin1')
    await until(() => closed.count === 1)
    expect(one.over).toBe(false)
    one.exchange?.resume()
    expect(one).toMatchObject({ body: 'held back', ends: 1, faults: [] })
  })

  it('says that the rest is missing when the application closes in the middle, however much is held back', async () => {
    open(SINGLE)
    const one = begin()
    const side = await arrived(1)
    one.exchange?.pause()
    side.socket.end(encodeStdout(side.ids[0] ?? 0, Buffer.from(`${HEAD}half`)))
    await until(() => closed.count === 1)
    one.exchange?.resume()
    expect(one.faults.map(({ kind }) => kind)).toEqual(['closed'])
  })

  it('says that nothing was sent when nobody is there', async () => {
    open(SINGLE, 'nobody.sock')
    const one = begin()
    await until(() => one.over)
    expect(one.faults).toEqual([
      {
        kind: 'connect',
        sent: false,
        message: 'connect() failed (2: No such file or directory) while connecting to upstream',
      },
    ])
  })

  it('is closed by an answer that nobody asked for while it waits for the next request', async () => {
    const pool = new ConnectionPool<FastcgiChannel>({
      connections: 1,
      requests: 100,
      timeMs: 60_000,
      timeoutMs: 60_000,
    })
    const plain = { keepAlive: false, localAddress: undefined, localPort: undefined }
    const kept = open({ ...SINGLE, keep: true, pool })
    const one = begin()
    const side = await arrived(1)
    reply(side, 1, 'asked for')
    await until(() => one.over)
    expect(pool.take(kept.peer, plain)).toBe(kept)
    pool.put(kept)
    reply(side, 1, 'for the next one to believe')
    await until(() => side.ended)
    expect(pool.take(kept.peer, plain)).toBeUndefined()
  })

  it('closes at once when it is given up', async () => {
    open(SINGLE)
    const one = begin()
    const side = await arrived(1)
    one.exchange?.abort()
    await until(() => side.ended)
    expect(one.over).toBe(false)
  })
})
