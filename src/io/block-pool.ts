/**
 * Blocks for bytes on their way through. A buffer of such a size lies outside of the collector's heap and counts
 * against it: one made for each read has it mark everything after a few hundred reads, which cost more than all the rest
 * of an upload.
 *
 * Who takes a block gives it back once, when nothing refers to it any more, or forgets it.
 */
const BLOCK_BYTES = 65_536

/** Blocks kept for the next who takes one: 4 MiB. */
const MAX_FREE = 64

const free: Buffer[] = []
const blocks = new WeakSet<ArrayBufferLike>()

export function takeBlock(): Buffer {
  const kept = free.pop()
  if (kept) return kept
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  blocks.add(block.buffer)
  return block
}

/** A copy of bytes that are lent: in a block, unless they are so few that a block would be wasted. */
export function copyToBlock(bytes: Buffer): Buffer {
  if (bytes.length > BLOCK_BYTES || bytes.length < BLOCK_BYTES / 8) return Buffer.from(bytes)
  const block = takeBlock()
  bytes.copy(block)
  return block.subarray(0, bytes.length)
}

/** `bytes` may be the beginning of a block, or none at all: then nothing happens. */
export function giveBlock(bytes: Buffer): void {
  if (!blocks.has(bytes.buffer) || free.length >= MAX_FREE) return
  free.push(bytes.length === BLOCK_BYTES ? bytes : Buffer.from(bytes.buffer, 0, BLOCK_BYTES))
}
