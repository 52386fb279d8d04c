/** What is said of a body's progress decides which time-out runs: the peer's to take it, or the peer's to answer. */
import { describe, expect, it } from 'vitest'
import { BodyPump, RAW_FRAMING, type BodyFraming } from '../../../src/front/upstream/body-pump.ts'
import type { BodySource, SendState } from '../../../src/front/upstream/exchange.ts'
import type { Transport } from '../../../src/io/transport.ts'
import { FakeTransport } from '../../support/fake-transport.ts'

const FRAMING: BodyFraming = {
  ...RAW_FRAMING,
  end: (connection) => {
    connection.write('.')
  },
}

function inMemory(text: string): BodySource {
  const bytes = Buffer.from(text)
  return {
    length: bytes.length,
    memory: [bytes],
    readAt: () => {
      throw new Error('it is in memory')
    },
  }
}

function pumpTo(transport: Transport): { pump: BodyPump; heard: SendState[] } {
  const heard: SendState[] = []
  const pump = new BodyPump(inMemory('body'), transport, FRAMING, {
    onSendProgress: (state) => heard.push(state),
    onBodyError: (error) => {
      throw error
    },
  })
  return { pump, heard }
}

describe('the last that is said of a body', () => {
  it('is that it is whole, where it left with its head in one write', () => {
    const transport = new FakeTransport(100)
    const { pump, heard } = pumpTo(transport)
    transport.cork()
    transport.write('head ')
    pump.start()
    transport.uncork()
    pump.uncorked()
    expect(transport.writes).toEqual(['head body.'])
    expect(heard.at(-1)).toBe('whole')
  })

  it('is that it is whole, where nobody else corked', () => {
    const transport = new FakeTransport(100)
    const { pump, heard } = pumpTo(transport)
    pump.start()
    expect(transport.writes).toEqual(['body.'])
    expect(heard.at(-1)).toBe('whole')
  })

  it('is that it is blocked until the peer has taken it', () => {
    const transport = new FakeTransport(3)
    const { pump, heard } = pumpTo(transport)
    pump.start()
    expect(heard.at(-1)).toBe('blocked')
    transport.take()
    pump.drained()
    expect(heard.at(-1)).toBe('whole')
  })
})

/** Bytes that differ from place to place. */
function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255))
}

function inFile(bytes: Buffer): BodySource {
  return {
    length: bytes.length,
    memory: undefined,
    readAt: (position, into) => bytes.copy(into, 0, position),
  }
}

async function immediates(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('a body in a file', () => {
  it.each([1, 65_536, 65_537, 400_000])('of %i bytes leaves as it is', (length) => {
    const bytes = pattern(length)
    const { transport, pump } = pumpFile(inFile(bytes), Infinity)
    pump.start()
    expect(transport.writes.join('')).toBe(`${bytes.toString('latin1')}.`)
    expect(pump.done).toBe(true)
  })

  it('lets others have their turn', async () => {
    const bytes = pattern(3 << 20)
    const { transport, pump } = pumpFile(inFile(bytes), Infinity)
    pump.start()
    expect(transport.bytesWritten).toBeLessThan(bytes.length / 2)
    await immediates(4)
    expect(transport.writes.join('') === `${bytes.toString('latin1')}.`).toBe(true)
  })

  it('that stands still goes on where it stood, in blocks that nobody else writes into', () => {
    const bytes = pattern(200_000)
    const { transport, pump, heard } = pumpFile(inFile(bytes), 60_000)
    pump.start()
    expect(transport.bytesWritten).toBe(65_536)
    expect(heard.at(-1)).toBe('blocked')
    const other = pumpFile(inFile(Buffer.alloc(65_536, '!')), Infinity)
    other.pump.start()
    transport.take()
    pump.drained()
    expect(transport.writes.join('')).toBe(`${bytes.toString('latin1')}.`)
    expect(heard.at(-1)).toBe('whole')
  })

  it('that is shorter than it was is broken off, after start() has returned', async () => {
    const broken: Error[] = []
    const source = { ...inFile(pattern(100)), length: 200 }
    const pump = new BodyPump(source, new FakeTransport(Infinity), FRAMING, {
      onSendProgress: () => undefined,
      onBodyError: (error) => broken.push(error),
    })
    pump.start()
    expect(broken).toEqual([])
    await immediates(2)
    expect(broken.map((error) => error.message)).toEqual(['buffered request body is shorter than its length'])
    expect(pump.done).toBe(false)
  })

  it('is not spoken of once the exchange is over', async () => {
    const pump = new BodyPump({ ...inFile(pattern(1)), length: 2 }, new FakeTransport(Infinity), FRAMING, {
      onSendProgress: () => undefined,
      onBodyError: (error) => {
        throw error
      },
    })
    pump.start()
    pump.stop()
    await immediates(2)
    expect(pump.done).toBe(false)
  })
})

function pumpFile(
  source: BodySource,
  room: number,
): { transport: FakeTransport; pump: BodyPump; heard: SendState[] } {
  const heard: SendState[] = []
  const transport = new FakeTransport(room)
  const pump = new BodyPump(source, transport, FRAMING, {
    onSendProgress: (state) => heard.push(state),
    onBodyError: (error) => {
      throw error
    },
  })
  return { transport, pump, heard }
}
