import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameError } from '../../../src/protocol/zones/frame-error.ts'
import { FrameReader } from '../../../src/protocol/zones/frame-reader.ts'
import { FrameWriter } from '../../../src/protocol/zones/frame-writer.ts'

function written(): Buffer {
  const writer = new FrameWriter()
  writer.begin(3).u8(7).u16(65_535).u32(4_294_967_295).f64(-1.5).text('k\xff\0y').end()
  writer.begin(9).bytes(Buffer.from('value')).end()
  return writer.take()
}

function readAll(pieces: readonly Buffer[]): unknown[] {
  const reader = new FrameReader()
  const values: unknown[] = []
  for (const piece of pieces) {
    reader.receive(Buffer.from(piece))
    for (let operation = reader.next(); operation !== undefined; operation = reader.next()) {
      values.push(operation)
      if (operation === 3) values.push(reader.u8(), reader.u16(), reader.u32(), reader.f64(), reader.text())
      else values.push(reader.bytes().toString())
    }
  }
  return values
}

const VALUES = [3, 7, 65_535, 4_294_967_295, -1.5, 'k\xff\0y', 9, 'value']

describe('frames of the keeper', () => {
  it('are read as they were written', () => {
    expect(readAll([written()])).toEqual(VALUES)
  })

  it('are read byte by byte', () => {
    expect(readAll([...written()].map((byte) => Buffer.from([byte])))).toEqual(VALUES)
  })

  it('have the layout that is written down', () => {
    const writer = new FrameWriter()
    writer.begin(5).u16(2).text('ab').end()
    expect(writer.take().toString('hex')).toBe('000000070500020002' + '6162')
  })

  it('do not change once they are taken', () => {
    const writer = new FrameWriter()
    writer.begin(1).text('one').end()
    const first = writer.take()
    writer.begin(1).text('two').end()
    expect(first.toString('latin1')).toContain('one')
    expect(writer.take().toString('latin1')).toContain('two')
    expect(writer.length).toBe(0)
  })

  it('grow beyond the first buffer', () => {
    const writer = new FrameWriter()
    writer.begin(9).bytes(Buffer.alloc(300_000, 7)).end()
    expect(writer.take().length).toBe(300_009)
    writer.begin(9).bytes(Buffer.from('x')).end()
    expect(readAll([writer.take()])).toEqual([9, 'x'])
  })

  it('have no text that does not fit its length', () => {
    expect(() => new FrameWriter().begin(1).text('x'.repeat(65_536))).toThrow(RangeError)
  })

  it.each([
    ['of no bytes', '00000000'],
    ['of too many', '7fffffff'],
    ['that ends before an operand', '000000020301'],
    ['whose text is longer than it', '0000000c0301000200000003000000'],
  ])('%s are refused', (_what, hex) => {
    expect(() => readAll([Buffer.from(hex.padEnd(40, '0'), 'hex')])).toThrow(FrameError)
  })

  it('of any bytes are read or refused, nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (pieces) => {
        try {
          readAll(pieces.map((piece) => Buffer.from(piece)))
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError)
        }
      }),
    )
  })
})
