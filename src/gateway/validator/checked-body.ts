/** The iterable of the application, and what the server does with it. */
import type { ResponseBody } from '../application.ts'
import { badBody, hasClose, isAsyncIterable, isIterable } from '../body-checks.ts'
import { describeValue } from '../describe-value.ts'
import type { CheckedResponse } from './checked-response.ts'
import { rule } from './rule.ts'

/** The body to give to the server in place of `body`. */
export function checkedBody(body: unknown, response: CheckedResponse): ResponseBody {
  rule(
    body !== undefined && body !== null,
    `the application returned ${String(body)}; return a list of Buffers, if only an empty one`,
  )
  if (typeof body === 'object' && 'close' in body) {
    rule(
      typeof body.close === 'function',
      `close of the body is ${describeValue(body.close)}; it has to be a method`,
    )
  }
  if (Array.isArray(body)) return checkedArray(body, response)
  if (isIterable(body)) return new CheckedIterable(body, response)
  if (isAsyncIterable(body)) return new CheckedAsyncIterable(body, response)
  throw badBody(body)
}

/** A list stays what it is, so that servers can still see its length. All of it can be looked at now. */
function checkedArray(body: unknown[], response: CheckedResponse): ResponseBody {
  for (const chunk of body) response.take(chunk)
  response.finish()
  return body as Uint8Array[]
}

/** What the server may do with an iterator: call `next` until it is through, then `close` once. */
class Turnstile {
  readonly response: CheckedResponse
  readonly #body: unknown
  #iterated = false
  #through = false
  #closed = false

  constructor(body: unknown, response: CheckedResponse) {
    this.#body = body
    this.response = response
  }

  begin(): void {
    rule(!this.#iterated, 'the server iterated the body a second time')
    this.#iterated = true
  }

  beforeNext(): void {
    rule(!this.#closed, 'the server asked for more of the body after it had closed it')
    rule(!this.#through, 'the server asked for more of the body after its end')
  }

  afterNext(step: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> {
    if (step.done === true) {
      this.#through = true
      this.response.finish()
    } else {
      this.response.take(step.value)
    }
    return step
  }

  close(): void | Promise<void> {
    rule(!this.#closed, 'the server closed the body a second time')
    this.#closed = true
    this.response.closed = true
    if (hasClose(this.#body)) return this.#body.close() as void | Promise<void>
  }
}

class CheckedIterable implements Iterable<Uint8Array> {
  readonly #body: Iterable<Uint8Array>
  readonly #turnstile: Turnstile

  constructor(body: Iterable<Uint8Array>, response: CheckedResponse) {
    this.#body = body
    this.#turnstile = new Turnstile(body, response)
  }

  [Symbol.iterator](): Iterator<Uint8Array> {
    this.#turnstile.begin()
    const iterator = this.#body[Symbol.iterator]()
    return {
      next: () => {
        this.#turnstile.beforeNext()
        return this.#turnstile.afterNext(iterator.next())
      },
      return: (value?: unknown) => iterator.return?.(value) ?? { done: true, value: undefined },
    }
  }

  close(): void | Promise<void> {
    return this.#turnstile.close()
  }
}

class CheckedAsyncIterable implements AsyncIterable<Uint8Array> {
  readonly #body: AsyncIterable<Uint8Array>
  readonly #turnstile: Turnstile
  #waiting = false

  constructor(body: AsyncIterable<Uint8Array>, response: CheckedResponse) {
    this.#body = body
    this.#turnstile = new Turnstile(body, response)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.#turnstile.begin()
    const iterator = this.#body[Symbol.asyncIterator]()
    return {
      next: async () => {
        this.#turnstile.beforeNext()
        rule(!this.#waiting, 'the server asked for a piece of the body before the one before it had come')
        this.#waiting = true
        try {
          return this.#turnstile.afterNext(await iterator.next())
        } finally {
          this.#waiting = false
        }
      },
      return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value: undefined },
    }
  }

  close(): void | Promise<void> {
    return this.#turnstile.close()
  }
}
