import type { ResponseBody } from '../../gateway/application.ts'
import { ended, stepsOf } from './chunk-steps.ts'
import { OutgoingResponse, type ResponseInit } from './outgoing-response.ts'
import { isAscii, quote } from './percent.ts'

type Chunk = string | Uint8Array
export type ChunkSource = Iterable<Chunk> | AsyncIterable<Chunk>

/** A response that is made while it is sent. Its chunks are taken once, and no faster than the client takes them. */
export class StreamingHttpResponse extends OutgoingResponse {
  readonly streaming: boolean = true
  /** A middleware that changes the body replaces this. */
  streamingContent: ChunkSource

  constructor(streamingContent: ChunkSource, init: ResponseInit = {}) {
    super(init)
    this.streamingContent = streamingContent
  }

  override body(): ResponseBody {
    return isAsync(this.streamingContent)
      ? encodedLater(this.streamingContent)
      : encoded(this.streamingContent)
  }
}

function isAsync(source: ChunkSource): source is AsyncIterable<Chunk> {
  return Symbol.asyncIterator in source
}

function* encoded(source: Iterable<Chunk>): Generator<Uint8Array> {
  for (const chunk of source) yield bytesOf(chunk)
}

/** No generator: one that waits for its next chunk would end its source when that has come, which may be never. */
function encodedLater(source: AsyncIterable<Chunk>): ResponseBody {
  return {
    [Symbol.asyncIterator]: () => {
      const steps = stepsOf(source)
      return {
        next: async () => {
          const step = await steps.next()
          return step.done === true ? ended : { done: false, value: bytesOf(step.value) }
        },
        return: async () => {
          await steps.return?.()
          return ended
        },
      }
    },
  }
}

const bytesOf = (chunk: Chunk): Uint8Array => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)

export interface FileInit extends ResponseInit {
  /** The name that the browser saves it under. */
  readonly filename?: string
  /** Saved instead of shown. */
  readonly asAttachment?: boolean
  /** Bytes, when they are known. */
  readonly contentLength?: number
}

/** A file. The type is told by its name when it is not given. */
export class FileResponse extends StreamingHttpResponse {
  constructor(source: ChunkSource, init: FileInit = {}) {
    const { filename = '', asAttachment = false, contentLength, ...rest } = init
    super(source, { contentType: typeOf(filename), ...rest })
    if (contentLength !== undefined) this.headers.set('Content-Length', contentLength)
    const disposition = contentDisposition(asAttachment, filename)
    if (disposition !== null) this.headers.set('Content-Disposition', disposition)
  }
}

/** RFC 6266: quoted in ASCII, else percent-encoded as UTF-8. Null says nothing is to be said. */
function contentDisposition(asAttachment: boolean, filename: string): string | null {
  const kind = asAttachment ? 'attachment' : 'inline'
  if (filename === '') return asAttachment ? kind : null
  const safe = filename.replace(/[\x00-\x1f\x7f]/g, '')
  if (!isAscii(safe)) return `${kind}; filename*=utf-8''${quote(safe, '')}`
  return `${kind}; filename="${safe.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

const types: ReadonlyMap<string, string> = new Map([
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['gif', 'image/gif'],
  ['gz', 'application/gzip'],
  ['htm', 'text/html'],
  ['html', 'text/html'],
  ['ico', 'image/vnd.microsoft.icon'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['js', 'text/javascript'],
  ['json', 'application/json'],
  ['md', 'text/markdown'],
  ['mjs', 'text/javascript'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['tar', 'application/x-tar'],
  ['txt', 'text/plain'],
  ['wasm', 'application/wasm'],
  ['webm', 'video/webm'],
  ['webp', 'image/webp'],
  ['woff', 'font/woff'],
  ['woff2', 'font/woff2'],
  ['xml', 'text/xml'],
  ['zip', 'application/zip'],
])

function typeOf(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  return types.get(extension) ?? 'application/octet-stream'
}
