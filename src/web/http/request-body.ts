import type { Environ, InputStream } from '../../gateway/application.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { RequestDataTooBig, UnreadablePostError } from '../exceptions.ts'
import { isPromise } from '../maybe-promise.ts'

/** The body of one request: read whole and kept, or given out as a stream, never both. */
export class RequestBody {
  readonly #environ: Environ
  readonly #settings: SettingValues
  #whole: Promise<Buffer> | Buffer | null = null
  #streamed = false

  constructor(environ: Environ, settings: SettingValues) {
    this.#environ = environ
    this.#settings = settings
  }

  /** What CONTENT_LENGTH says; null when it says nothing. */
  get declaredLength(): number | null {
    const text = this.#environ.CONTENT_LENGTH
    return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null
  }

  /** True when the server says that there is no body: then nothing has to be waited for. */
  get isEmpty(): boolean {
    const chunked = this.#environ['wsgi.input_terminated'] === true
    return (this.declaredLength ?? 0) === 0 && !chunked
  }

  /**
   * The body in chunks, as they come.
   *
   * @throws Error when the body was read before
   */
  stream(): InputStream {
    if (this.#whole !== null || this.#streamed) throw new Error('The request body has been read already')
    this.#streamed = true
    return this.#environ['wsgi.input']
  }

  /** The whole body; the same for every caller. No file may be in it: see `dataUploadMaxMemorySize`. */
  bytes(): Promise<Buffer> {
    if (this.#streamed) {
      return Promise.reject(new Error("You cannot access the body after reading from request's data stream"))
    }
    this.#whole ??= this.isEmpty ? Buffer.alloc(0) : this.#begin()
    return Promise.resolve(this.#whole)
  }

  #begin(): Promise<Buffer> {
    const whole = this.#read()
    // A view may answer without waiting for it, and its failure then is nobody's.
    whole.catch(() => undefined)
    return whole
  }

  /** The whole body when it is here already. */
  get present(): Buffer | null {
    return this.#whole === null || isPromise(this.#whole) ? null : this.#whole
  }

  async #read(): Promise<Buffer> {
    const limit = this.#settings.dataUploadMaxMemorySize
    if (limit !== null && (this.declaredLength ?? 0) > limit) throw dataTooBig()
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of this.#environ['wsgi.input']) {
        size += chunk.length
        if (limit !== null && size > limit) throw dataTooBig()
        chunks.push(chunk)
      }
    } catch (error) {
      if (error instanceof RequestDataTooBig) throw error
      throw new UnreadablePostError(error)
    }
    const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
    this.#whole = whole
    return whole
  }
}

function dataTooBig(): RequestDataTooBig {
  return new RequestDataTooBig('Request body exceeded settings.dataUploadMaxMemorySize.')
}
