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
  const seen: string[] = []
  const source = async function* () {
    try {
      // What cannot be compressed comes out at once.
      yield randomBytes(200_000)
      await woken
      seen.push('woken')
      yield 'two'
      seen.push('asked for more')
    } finally {
      seen.push('ended')
    }
  }
  const stream = gzipped(source())
  await stream.next()
  const over = stream.return(undefined)
  wake(undefined)
  await over
  expect(seen).toEqual(['woken', 'ended'])
})
