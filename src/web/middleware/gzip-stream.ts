import { createGzip, type Gzip } from 'node:zlib'
import type { ChunkSource } from '../http/streaming-response.ts'

/** The same bytes compressed, no faster than they are taken. Ending early ends the source too. */
export async function* gzipped(source: ChunkSource): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  const pump = feed(source, gzip).catch((error: unknown) => {
    gzip.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    yield* gzip as AsyncIterable<Uint8Array>
  } finally {
    gzip.destroy()
    await pump
  }
}

async function feed(source: ChunkSource, gzip: Gzip): Promise<void> {
  for await (const chunk of source) {
    // A stream that is gone takes nothing, and would never say that there is room again.
    if (gzip.destroyed) return
    if (!gzip.write(chunk)) await roomIn(gzip)
  }
  gzip.end()
}

function roomIn(gzip: Gzip): Promise<void> {
  return new Promise((resolve) => {
    gzip.once('drain', resolve)
    gzip.once('close', resolve)
  })
}
