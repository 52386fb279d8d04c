import { randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { crc32, deflateRaw, deflateRawSync } from 'node:zlib'
import { TurnQueue } from '../../util/turn-queue.ts'
import type { MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { StreamingHttpResponse } from '../http/streaming-response.ts'
import { randomString } from '../signing/salted-hmac.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { gzipped } from './gzip-stream.ts'

const deflateLater = promisify(deflateRaw)
/** Of this process, on threads of the pool. */
const MAX_AT_ONCE = 2
const turns = new TurnQueue(MAX_AT_ONCE)

/** Bytes: a shorter body hardly gets shorter. */
const minBytes = 200
/** Bytes: above this compressing would hold up other requests, and goes to another thread. */
const maxSyncBytes = 16_384
/** A random length of up to this many bytes hides what compression tells of secrets (Heal The Breach). */
const maxRandomBytes = 100

/** Compresses bodies for clients that take gzip. */
export class GZipMiddleware implements MiddlewareHooks {
  processResponse(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    if (response instanceof HttpResponse && response.contentLength < minBytes) return response
    if (response.headers.has('Content-Encoding')) return response
    response.headers.addTokens('Vary', 'Accept-Encoding')
    if (!acceptsGzip(request.headers.get('Accept-Encoding') ?? '')) return response
    if (response instanceof StreamingHttpResponse) return compressedStream(response)
    if (!(response instanceof HttpResponse)) return response
    const { content } = response
    if (content.length <= maxSyncBytes)
      return replaced(response, gzipMember(content, deflateRawSync(content)))
    return turns
      .run(() => deflateLater(content))
      .then((body) => replaced(response, gzipMember(content, body)))
  }
}

/** RFC 9110 section 12.5.3; a weight of 0 is a refusal. */
function acceptsGzip(header: string): boolean {
  for (const part of header.split(',', 50)) {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    if (coding !== 'gzip' && coding !== 'x-gzip') continue
    return !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter))
  }
  return false
}

/** RFC 1952 section 2.3, with a file name of random length. */
function gzipMember(content: Buffer, deflated: Buffer): Buffer {
  const name = Buffer.from(`${randomString(randomInt(1, maxRandomBytes))}\0`, 'latin1')
  const head = Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0xff])
  const tail = Buffer.allocUnsafe(8)
  tail.writeUInt32LE(crc32(content), 0)
  tail.writeUInt32LE(content.length >>> 0, 4)
  return Buffer.concat([head, name, deflated, tail])
}

function replaced(response: HttpResponse, compressed: Buffer): OutgoingResponse {
  if (compressed.length >= response.contentLength) return response
  response.content = compressed
  response.headers.set('Content-Length', compressed.length)
  return marked(response)
}

function compressedStream(response: StreamingHttpResponse): OutgoingResponse {
  response.streamingContent = gzipped(response.streamingContent)
  response.headers.delete('Content-Length')
  return marked(response)
}

function marked(response: OutgoingResponse): OutgoingResponse {
  // Another representation, and not the same bytes each time: the tag says so (RFC 9110 section 8.8.1).
  const etag = response.headers.get('ETag')
  if (etag?.startsWith('"') === true) response.headers.set('ETag', `W/${etag}`)
  response.headers.set('Content-Encoding', 'gzip')
  return response
}
