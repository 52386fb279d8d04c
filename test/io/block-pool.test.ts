import { expect, test } from 'vitest'
import { copyToBlock, giveBlock, takeBlock } from '../../src/io/block-pool.ts'

test('a block that was given back is taken again, whole, whatever part of it was in use', () => {
  const block = takeBlock()
  const size = block.length
  giveBlock(block.subarray(0, 10))
  const again = takeBlock()
  expect(again.buffer).toBe(block.buffer)
  expect(again.length).toBe(size)
  expect(takeBlock().buffer).not.toBe(block.buffer)
})

test('what is no block is never taken as one', () => {
  const others = [
    Buffer.allocUnsafeSlow(65_536),
    Buffer.alloc(3),
    Buffer.from('pooled'),
    Buffer.alloc(100_000),
  ]
  for (const other of others) giveBlock(other)
  const buffers = new Set<ArrayBufferLike>(others.map((other) => other.buffer))
  for (let count = 0; count < 10; count += 1) expect(buffers.has(takeBlock().buffer)).toBe(false)
})

test.each([0, 1, 8191, 8192, 40_000, 65_536, 65_537, 200_000])(
  'a copy of %i bytes is their own',
  (length) => {
    const bytes = Buffer.alloc(length, 'a')
    const copy = copyToBlock(bytes)
    bytes.fill('b')
    expect(copy.equals(Buffer.alloc(length, 'a'))).toBe(true)
    giveBlock(copy)
  },
)
