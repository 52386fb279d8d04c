import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { gzipped } from '../../../src/web/middleware/gzip-stream.ts'

test('a stream is the same bytes again', async () => {
  const parts: Uint8Array[] = []
  for await (const part of gzipped(['one ', Buffer.from('two')])) parts.push(part)
  expect(gunzipSync(Buffer.concat(parts)).toString()).toBe('one two')
})

test('a source that still waits when its reader goes is ended as soon as it has something to say', async () => {
  const { promise: woken, resolve: wake } = Promise.withResolvers<undefined>()
  const { promise: waits, resolve: wait } = Promise.withResolvers<undefined>()
  const seen: string[] = []
  const source = async function* () {
    try {
      yield randomBytes(200_000)
      wait(undefined)
      await woken
      seen.push('woken')
      yield 'two'
      seen.push('asked for more')
    } finally {
      seen.push('ended')
    }
  }
  const stream = gzipped(source())[Symbol.asyncIterator]()
  const read = async () => {
    while ((await stream.next()).done !== true);
  }
  const reading = read()
  await waits
  const over = stream.return?.()
  wake(undefined)
  await over
  await reading
  expect(seen).toEqual(['woken', 'ended'])
})

test('a source that throws is what its reader hears', async () => {
  const source = function* () {
    yield 'one'
    throw new Error('no more')
  }
  const read = async () => {
    for await (const part of gzipped(source())) expect(part.length).toBeGreaterThan(0)
  }
  await expect(read()).rejects.toThrow('no more')
})
