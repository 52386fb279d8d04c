/**
 * The response of one request between an application and the sink.
 *
 * Rules of this file:
 * - The head leaves with the first piece of body that is not empty, or at the end, so that an error before it
 *   becomes a 500 and `excInfo` can replace the response.
 * - The application never frames: a declared length is enforced, HEAD, 204 and 304 get no body, 204 no length.
 * - The sink gets `end` or `abort` once; when `over` is true it has got it, or the client is gone.
 */
import type { ExcInfo, HeaderPair } from './application.ts'
import { checkChunk, checkExcInfo, noStartResponse } from './body-checks.ts'
import { checkHeaders, checkStatus } from './response-head.ts'
import type { ResponseSink } from './response-sink.ts'
import { WsgiError } from './wsgi-error.ts'

const NOT_DECLARED = -1
const INTERNAL_ERROR = '500 Internal Server Error'
const TEXT: HeaderPair = ['Content-Type', 'text/plain; charset=utf-8']

export class OutgoingResponse {
  over = false
  /** The server ended it, of which the application may not know yet: what it still says is no mistake of its own. */
  forsaken = false

  readonly #sink: ResponseSink
  readonly #isHead: boolean
  #status = ''
  /** 0 before startResponse. */
  #code = 0
  #headers: readonly HeaderPair[] = []
  #declared = NOT_DECLARED
  #headSent = false
  #sent = 0

  constructor(sink: ResponseSink, isHead: boolean) {
    this.#sink = sink
    this.#isHead = isHead
  }

  /** startResponse. Throws as application.ts says, and what response-head.ts throws. */
  begin(status: string, headers: readonly HeaderPair[], excInfo: ExcInfo | null | undefined): void {
    if (this.forsaken) return
    if (excInfo !== undefined && excInfo !== null) {
      checkExcInfo(excInfo)
      // PEP 3333: the application's own error, whatever it is.
      if (this.#headSent || this.over) throw excInfo.error
    } else if (this.over) {
      throw new WsgiError('WSGI_HEADERS_SENT', 'startResponse was called after the response ended')
    } else if (this.#code !== 0) {
      throw new WsgiError(
        'WSGI_HEADERS_SENT',
        'startResponse was called a second time; to replace a response after an error, pass { error } as third argument',
      )
    }
    const code = checkStatus(status)
    this.#declared = checkHeaders(headers)
    this.#code = code
    this.#status = status
    this.#headers = headers
  }

  /** No body may follow the head of this response. */
  get hasNoBody(): boolean {
    return this.#isHead || this.#code === 204 || this.#code === 304
  }

  /** The body is a list, so the client can be told its length (PEP 3333, "Handling the Content-Length Header"). */
  declareLength(chunks: readonly unknown[]): void {
    let length = 0
    for (const chunk of chunks) length += checkChunk(chunk).length
    if (this.#headSent || this.#declared !== NOT_DECLARED || this.#sink.hasTrailers === true) return
    if (this.#code === 0 || this.#code === 204 || this.#code === 304) return
    this.#declared = length
    this.#headers = [...this.#headers, ['Content-Length', String(length)]]
  }

  /**
   * Passes one piece on; the response is over afterwards if it does not want any more. The promise is back-pressure.
   *
   * @throws WsgiError WSGI_BAD_CHUNK, WSGI_NO_START_RESPONSE; WSGI_BODY_TOO_LONG after the declared part was sent.
   */
  send(chunk: unknown): Promise<void> | undefined {
    // Ended by write() while the iterable was about to give more.
    if (this.over) return undefined
    const data = checkChunk(chunk)
    if (this.#code === 0) throw noStartResponse()
    if (data.length === 0) return undefined
    if (this.hasNoBody) {
      this.#complete()
      return undefined
    }
    const left = this.#declared - this.#sent
    if (this.#declared !== NOT_DECLARED && data.length > left) {
      this.#sendLast(data.subarray(0, left))
      return undefined
    }
    return this.#write(data)
  }

  /** An empty piece given to `write()`: the head leaves, as with any first call of it (PEP 3333, "The write() Callable"). */
  flush(): void {
    if (this.over || this.#headSent || this.hasNoBody) return
    this.#sendHead()
    this.#sink.flushHead?.()
  }

  /**
   * The body is through.
   *
   * @throws WsgiError WSGI_NO_START_RESPONSE, WSGI_BODY_TOO_SHORT.
   */
  finish(): void {
    if (this.over) return
    if (this.#code === 0) throw noStartResponse()
    if (!this.hasNoBody && this.#sent < this.#declared) {
      throw new WsgiError(
        'WSGI_BODY_TOO_SHORT',
        `the body has ${this.#sent} bytes, and Content-Length says ${this.#declared}`,
      )
    }
    // Without a piece of body the length is known, too: it is 0.
    if (!this.hasNoBody) this.declareLength([])
    this.#complete()
  }

  /**
   * The application failed: a response of the server's own while that is possible, otherwise the client has to see
   * that something is missing.
   */
  fail(error: unknown, status = INTERNAL_ERROR, headers: readonly HeaderPair[] = []): void {
    if (this.over) return
    if (this.#headSent) {
      this.abort(error)
      return
    }
    this.over = true
    const body = Buffer.from(`${status.slice(4)}\n`)
    this.#sink.head(status, [TEXT, ['Content-Length', String(body.length)], ...headers])
    if (!this.#isHead) ignoreRejection(this.#sink.write(body))
    this.#sink.end()
  }

  abort(error: unknown): void {
    if (this.over) return
    this.over = true
    this.#sink.abort(error)
  }

  /** The body is longer than declared: the client gets what was declared, the log gets the rest of the story. */
  #sendLast(data: Uint8Array): never {
    // Only the end follows, so there is nothing to hold back.
    if (data.length > 0) ignoreRejection(this.#write(data))
    this.#complete()
    throw new WsgiError(
      'WSGI_BODY_TOO_LONG',
      `the body is longer than Content-Length ${this.#declared}; what is too much was not sent`,
    )
  }

  #write(data: Uint8Array): Promise<void> | undefined {
    if (!this.#headSent) this.#sendHead()
    this.#sent += data.length
    return this.#sink.write(data)
  }

  #sendHead(): void {
    this.#headSent = true
    const headers = this.#code === 204 ? this.#headers.filter(isNotContentLength) : this.#headers
    this.#sink.head(this.#status, headers)
  }

  #complete(): void {
    if (!this.#headSent) this.#sendHead()
    this.over = true
    this.#sink.end()
  }
}

function isNotContentLength(pair: HeaderPair): boolean {
  return pair[0].toLowerCase() !== 'content-length'
}

/** The end is all that follows; if the client is gone, nobody waits for it. */
function ignoreRejection(promise: Promise<void> | undefined): void {
  promise?.catch(() => undefined)
}
