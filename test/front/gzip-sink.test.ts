/** gzip without a compressor between the pieces: what a reader gets, who waits for whom, what is let go of. */
import { setImmediate } from 'node:timers/promises'
import { constants, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { Socket } from 'node:net'
import { ClientConnection } from '../../src/front/client-connection.ts'
import { codingTurns, type Coder } from '../../src/front/coding-turns.ts'
import { GzipMember } from '../../src/front/gzip-member.ts'
import { GzipSink } from '../../src/front/gzip-sink.ts'
import { Request } from '../../src/front/request.ts'
import { resumeFilters, waitForRoom, type BodySink } from '../../src/front/response-output.ts'
import { HeaderTable } from '../../src/http/header-table.ts'
import { monotonicMs } from '../../src/io/clock.ts'
import { FakeSocket, FrontHarness } from '../support/front-harness.ts'

const harness = new FrontHarness('server { location / { } }')
afterAll(() => harness.close())

/** Text that is neither all the same nor noise. */
function textOf(bytes: number): Buffer {
  let text = ''
  for (let n = 0; text.length < bytes; n += 1)
    text += `<p>${(n * 2654435761) % 9973} words and ${n % 7}</p>\n`
  return Buffer.from(text.slice(0, bytes), 'latin1')
}

/** What a reader has of a member that is not over. */
function soFar(coded: readonly Buffer[]): string {
  return gunzipSync(Buffer.concat(coded), { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1')
}

describe('a member', () => {
  const text = textOf(200_000)
  it.each([1, 6, 9].flatMap((level) => [1000, 32_767, 32_768, 32_769, 65_536].map((size) => [level, size])))(
    'of level %i in pieces of %i is whole, and readable behind each piece',
    (level = 0, size = 0) => {
      const member = new GzipMember(level)
      const coded: Buffer[] = []
      for (let at = 0; at < text.length; at += size) {
        coded.push(member.code(text.subarray(at, at + size), at + size >= text.length))
        if (at === size && at + size < text.length)
          expect(soFar(coded)).toBe(text.toString('latin1', 0, at + size))
      }
      const whole = Buffer.concat(coded)
      expect(gunzipSync(whole).equals(text)).toBe(true)
      expect([...whole.subarray(0, 4)]).toEqual([0x1f, 0x8b, 8, 0])
      expect(whole.readUInt32LE(whole.length - 4)).toBe(text.length)
    },
  )

  it('finds again what was in the piece before', () => {
    const noise = Buffer.from(Array.from({ length: 8000 }, (_, n) => (n * n * 31 + (n >> 3) * 17) & 255))
    const member = new GzipMember(6)
    const first = member.code(noise, false)
    expect(member.code(noise, true).length).toBeLessThan(first.length / 8)
  })

  it('of nothing is a member', () => {
    expect(gunzipSync(new GzipMember(1).code(Buffer.alloc(0), true))).toHaveLength(0)
  })
})

/** What is behind the filter: takes `room` pieces before it says that it is full. */
class Behind implements BodySink {
  readonly pieces: Buffer[] = []
  room = Infinity
  ended = false

  write(chunk: Buffer, last: boolean): boolean {
    this.pieces.push(chunk)
    this.ended = last
    this.room -= 1
    return this.room > 0
  }
}

/** Writes a body as a handler does: on when it may. */
class Writer {
  written = 0
  gone = false
  readonly #request: Request
  readonly #sink: BodySink
  readonly #body: Buffer
  readonly #size: number

  constructor(request: Request, sink: BodySink, body: Buffer, size: number) {
    this.#request = request
    this.#sink = sink
    this.#body = body
    this.#size = size
  }

  onDrain(): void {
    while (this.written < this.#body.length) {
      const chunk = this.#body.subarray(this.written, this.written + this.#size)
      this.written += chunk.length
      if (!this.#sink.write(chunk, this.written === this.#body.length)) {
        waitForRoom(this.#request, this)
        return
      }
    }
  }

  onGone(): void {
    this.gone = true
  }
}

interface Scene {
  readonly socket: FakeSocket
  readonly request: Request
  readonly behind: Behind
  readonly sink: GzipSink
}

function scene(level = 1): Scene {
  const socket = new FakeSocket()
  const connection = new ClientConnection(
    harness.server,
    harness.point,
    socket as unknown as Socket,
    1,
    undefined,
    undefined,
  )
  const request = new Request(
    connection,
    {
      method: 'GET',
      target: '/',
      version: 11,
      requestLine: 'GET / HTTP/1.1',
      headers: new HeaderTable(),
      framing: { kind: 'none' },
      host: 'own.test',
      hostPort: 0,
      keepAlive: true,
      expectContinue: false,
      headLength: 0,
      ignored: [],
    },
    harness.point.defaultServer,
    Date.now(),
    monotonicMs(),
  )
  const behind = new Behind()
  return { socket, request, behind, sink: new GzipSink(request, level, behind) }
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !holds(); turn += 1) await setImmediate()
  expect(holds()).toBe(true)
}

/** Enough turns for all that could happen to have happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate()
}

describe('the filter', () => {
  it.each([
    [1, 0],
    [65_535, 65_535],
    [65_536, 65_536],
    [65_537, 65_536],
    [1_000_000, 65_536],
    [300_000, 8192],
    [300_000, 300_000],
  ])('makes one member of %i bytes that come by %i', async (bytes, size) => {
    const { request, behind, sink } = scene()
    const body = textOf(bytes)
    new Writer(request, sink, body, size || 1).onDrain()
    await until(() => behind.ended)
    const coded = Buffer.concat(behind.pieces)
    expect(gunzipSync(coded).equals(body)).toBe(true)
    expect([sink.bytesIn, sink.bytesOut]).toEqual([bytes, coded.length])
  })

  it('codes a body of at most 64 KiB at once, and a longer one in its turn', () => {
    for (const [bytes, atOnce] of [
      [0, true],
      [65_536, true],
      [65_537, false],
    ] as const) {
      const { behind, sink } = scene()
      sink.write(textOf(bytes), true)
      expect([bytes, behind.ended]).toEqual([bytes, atOnce])
    }
  })

  it('lets nothing wait that comes slowly', async () => {
    const { behind, sink } = scene()
    for (let n = 1; n <= 3; n += 1) {
      expect(sink.write(Buffer.from(`data: ${n}\n\n`), false)).toBe(true)
      await until(() => behind.pieces.length === n)
    }
    expect(soFar(behind.pieces)).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n')
    sink.write(Buffer.alloc(0), true)
    await until(() => behind.ended)
    expect(gunzipSync(Buffer.concat(behind.pieces)).toString()).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n')
  })

  it('gathers what comes within a turn', async () => {
    const { behind, sink } = scene()
    for (let n = 0; n < 10; n += 1) sink.write(textOf(1000), false)
    await quiet()
    expect(behind.pieces).toHaveLength(1)
  })

  it('takes no more than a piece or two for a client that does not read, and goes on when it does', async () => {
    const { request, behind, sink } = scene()
    const body = textOf(2_000_000)
    const writer = new Writer(request, sink, body, 16_384)
    behind.room = 2
    writer.onDrain()
    await until(() => behind.room === 0)
    await quiet()
    expect(behind.pieces).toHaveLength(2)
    expect(writer.written).toBeLessThanOrEqual(4 * 65_536)
    const before = writer.written
    behind.room = 1
    resumeFilters(request)
    await quiet()
    expect(behind.pieces).toHaveLength(3)
    expect(writer.written - before).toBeLessThanOrEqual(2 * 65_536)
    behind.room = Infinity
    resumeFilters(request)
    await until(() => behind.ended)
    expect(gunzipSync(Buffer.concat(behind.pieces)).equals(body)).toBe(true)
  })

  it('codes nothing any more for a client that is gone, and lets its writer know', async () => {
    const { request, behind, sink } = scene()
    const writer = new Writer(request, sink, textOf(1_000_000), 65_536)
    writer.onDrain()
    await until(() => behind.pieces.length > 0)
    request.finished = true
    request.cleanUp()
    const { length } = behind.pieces
    await quiet()
    expect(behind.pieces).toHaveLength(length)
    expect(sink.write(textOf(1000), true)).toBe(true)
    await quiet()
    expect(behind.ended).toBe(false)
  })

  it('ends a connection whose body it cannot code on', async () => {
    const { socket, sink, behind } = scene()
    behind.write = () => {
      throw new Error('behind is broken')
    }
    sink.write(textOf(100_000), true)
    await until(() => socket.destroyed)
  })
})

describe('turns', () => {
  class Slow implements Coder {
    readonly #done: () => void
    constructor(done: () => void) {
      this.#done = done
    }
    codePiece(): void {
      const end = monotonicMs() + 1
      while (monotonicMs() < end);
      this.#done()
    }
  }

  it('are given in order, and leave the loop to others between', async () => {
    const done: number[] = []
    for (let n = 0; n < 40; n += 1) codingTurns.ask(new Slow(() => done.push(n)))
    expect(done).toEqual([])
    await setImmediate()
    await setImmediate()
    expect(done.length).toBeLessThan(40)
    await until(() => done.length === 40)
    expect(done).toEqual(Array.from({ length: 40 }, (_, n) => n))
  })
})
