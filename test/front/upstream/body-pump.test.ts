/** What is said of a body's progress decides which time-out runs: the peer's to take it, or the peer's to answer. */
import { describe, expect, it } from 'vitest'
import { BodyPump, type BodyFraming } from '../../../src/front/upstream/body-pump.ts'
import type { BodySource, SendState } from '../../../src/front/upstream/exchange.ts'
import type { Transport } from '../../../src/io/transport.ts'
import { FakeTransport } from '../../support/fake-transport.ts'

const FRAMING: BodyFraming = { piece: (bytes) => bytes, end: () => Buffer.from('.') }

function inMemory(text: string): BodySource {
  const bytes = Buffer.from(text)
  return {
    length: bytes.length,
    memory: [bytes],
    slice: () => Promise.reject(new Error('it is in memory')),
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
