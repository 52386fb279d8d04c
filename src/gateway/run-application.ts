/**
 * Runs one application for one request: all that PEP 3333 asks of a server, above the protocol.
 *
 * Rules of this file:
 * - It stays synchronous until something waits: a list of chunks makes no promise at all.
 * - `close()` of the body is called exactly once however the request ends, and an iterator that is not exhausted is
 *   returned, so that `finally` of a generator runs.
 * - What the application does wrong or throws goes to `onError`, each once; it never reaches the caller.
 */
import type { Application, Environ, HeaderPair, ResponseBody } from './application.ts'
import { badBody, hasClose, isAsyncIterable, isIterable, isPromise } from './body-checks.ts'
import { OutgoingResponse } from './outgoing-response.ts'
import type { ResponseSink } from './response-sink.ts'
import { WsgiError } from './wsgi-error.ts'

/** Gets what the application did wrong or threw. The response is a 500 or was aborted by then. Must not throw. */
export type OnApplicationError = (error: unknown, environ: Environ) => void

/**
 * Gets a `close()` that is under way; its failure goes to `OnApplicationError`. Not the `return()` of an iterator, which
 * for a generator waits for the piece under way, and that may never come.
 */
export type OnClosing = (closing: Promise<unknown>) => void

/** Calls the application; the sink tells the rest. */
export function runApplication(
  application: Application,
  environ: Environ,
  sink: ResponseSink,
  onError: OnApplicationError,
): ApplicationRun {
  const run = new ApplicationRun(environ, sink, onError)
  run.start(application)
  return run
}

const WRITTEN = Promise.resolve()

export class ApplicationRun {
  readonly #environ: Environ
  readonly #onError: OnApplicationError
  readonly #onClosing: OnClosing | undefined
  readonly #response: OutgoingResponse
  #body: ResponseBody | undefined
  /** Not through yet. */
  #iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array> | undefined
  /** Pieces given to `write()` that the sink has not taken yet. */
  #writing: Promise<void> | undefined
  #writeError: Error | undefined
  /** Why the server ended it. The application that ends for the same reason has done nothing wrong. */
  #reason: Error | undefined

  constructor(environ: Environ, sink: ResponseSink, onError: OnApplicationError, onClosing?: OnClosing) {
    this.#environ = environ
    this.#onError = onError
    this.#onClosing = onClosing
    // Looked at now: the application may change the environ.
    this.#response = new OutgoingResponse(sink, environ.REQUEST_METHOD === 'HEAD')
  }

  /** Whether the response ended, was aborted or cancelled. */
  get over(): boolean {
    return this.#response.over
  }

  start(application: Application): void {
    let result: ResponseBody | Promise<ResponseBody>
    try {
      result = application(this.#environ, (status, headers, excInfo) => {
        this.#response.begin(status, headers, excInfo)
        return (data) => this.#write(data)
      })
    } catch (error) {
      this.#fail(error)
      return
    }
    if (!isPromise(result)) {
      this.#takeBody(result)
      return
    }
    result.then(
      (body) => this.#takeBody(body),
      (error: unknown) => this.#fail(error),
    )
  }

  /** The server ends it with a response of its own. */
  giveUp(reason: Error, status: string, headers: readonly HeaderPair[] = []): void {
    if (this.over) return
    this.#forsake(reason)
    this.#response.fail(reason, status, headers)
    this.#closeBody()
  }

  /** The client went away: the body is closed, and nothing more is given to the sink. */
  cancel(reason: Error): void {
    if (this.over) return
    this.#forsake(reason)
    this.#response.over = true
    this.#closeBody()
  }

  #forsake(reason: Error): void {
    this.#reason = reason
    this.#response.forsaken = true
  }

  #takeBody(body: ResponseBody): void {
    this.#body = body
    if (this.over) {
      this.#closeBody()
    } else if (this.#writing !== undefined) {
      this.#resumeAfter(this.#writing, () => this.#iterate(body))
    } else {
      // Without a closure: this is the way of most requests.
      try {
        this.#iterate(body)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  #iterate(body: ResponseBody): void {
    if (this.#writeError !== undefined) throw this.#writeError
    if (Array.isArray(body)) {
      this.#response.declareLength(body)
      this.#sendArray(body, 0)
    } else if (isIterable(body)) {
      this.#pump(body[Symbol.iterator]())
    } else if (isAsyncIterable(body)) {
      this.#pumpAsync(body[Symbol.asyncIterator]())
    } else {
      throw badBody(body)
    }
  }

  #sendArray(chunks: readonly unknown[], from: number): void {
    for (let index = from; index < chunks.length; index++) {
      const wait = this.#response.send(chunks[index])
      if (this.over) break
      if (wait !== undefined) {
        this.#resumeAfter(wait, () => this.#sendArray(chunks, index + 1))
        return
      }
    }
    this.#finish()
  }

  #pump(iterator: Iterator<Uint8Array>): void {
    for (;;) {
      // An iterator that throws is through, as `for ... of` has it.
      this.#iterator = undefined
      const step = iterator.next()
      if (step.done === true) break
      this.#iterator = iterator
      const wait = this.#response.send(step.value)
      if (this.over) break
      if (wait !== undefined) {
        this.#resumeAfter(wait, () => this.#pump(iterator))
        return
      }
    }
    this.#finish()
  }

  #pumpAsync(iterator: AsyncIterator<Uint8Array>): void {
    this.#iterator = iterator
    iterator.next().then(
      (step) => {
        this.#try(() => this.#takeStep(iterator, step))
      },
      (error: unknown) => {
        this.#iterator = undefined
        this.#fail(error)
      },
    )
  }

  #takeStep(iterator: AsyncIterator<Uint8Array>, step: IteratorResult<Uint8Array>): void {
    if (step.done === true) {
      this.#iterator = undefined
      this.#finish()
      return
    }
    const wait = this.#response.send(step.value)
    if (this.over) this.#finish()
    else if (wait === undefined) this.#pumpAsync(iterator)
    else this.#resumeAfter(wait, () => this.#pumpAsync(iterator))
  }

  #resumeAfter(wait: Promise<void>, resume: () => void): void {
    wait.then(
      () => {
        if (this.over) this.#closeBody()
        else this.#try(resume)
      },
      (error: unknown) => {
        // The client is gone, which is no fault of the application.
        this.#response.abort(error)
        this.#closeBody()
      },
    )
  }

  #try(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  #finish(): void {
    if (this.#writeError !== undefined && !this.over) throw this.#writeError
    this.#response.finish()
    this.#closeBody()
  }

  #fail(error: unknown): void {
    if (this.#reason === undefined || error !== this.#reason) this.#onError(error, this.#environ)
    this.#response.fail(error)
    this.#closeBody()
  }

  /** `write()`: an application that does not wait for it must neither lose an error nor overtake itself. */
  #write(data: Uint8Array): Promise<void> {
    if (this.#reason !== undefined) return handled(Promise.reject(this.#reason))
    if (this.over) return this.#response.hasNoBody ? WRITTEN : lateWrite()
    if (this.#writing !== undefined) return this.#track(this.#writing.then(() => this.#sendWritten(data)))
    return this.#sendWritten(data) ?? WRITTEN
  }

  #sendWritten(data: Uint8Array): Promise<void> | undefined {
    if (this.over) return undefined
    try {
      const wait = this.#response.send(data)
      if (data.length === 0) this.#response.flush()
      return wait === undefined ? undefined : this.#track(wait)
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      if (this.over) this.#fail(failure)
      else this.#writeError ??= failure
      return handled(Promise.reject(failure))
    }
  }

  #track(wait: Promise<void>): Promise<void> {
    const writing = wait.finally(() => {
      if (this.#writing === writing) this.#writing = undefined
    })
    this.#writing = writing
    return handled(writing)
  }

  #closeBody(): void {
    const iterator = this.#iterator
    this.#iterator = undefined
    if (iterator?.return !== undefined) void this.#callClosing(() => iterator.return?.())
    const body = this.#body
    this.#body = undefined
    const closing = hasClose(body) ? this.#callClosing(() => body.close()) : undefined
    if (closing !== undefined) this.#onClosing?.(closing)
  }

  #callClosing(close: () => unknown): Promise<unknown> | undefined {
    try {
      const result = close()
      if (!isPromise(result)) return undefined
      result.then(undefined, (error: unknown) => this.#onError(error, this.#environ))
      return result
    } catch (error) {
      this.#onError(error, this.#environ)
      return undefined
    }
  }
}

function lateWrite(): Promise<void> {
  return handled(
    Promise.reject(new WsgiError('WSGI_WRITE_AFTER_END', 'write() was called after the response ended')),
  )
}

/** A promise whose rejection is dealt with elsewhere, so that it is not reported as unhandled. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined)
  return promise
}
