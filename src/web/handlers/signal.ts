import { isPromise } from '../maybe-promise.ts'

/** Listeners of one event of one handler. What a listener throws stops neither the others nor the request. */
export class Signal<T> {
  readonly #listeners = new Set<(event: T) => void>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Gives the function that ends the connection. */
  connect(listener: (event: T) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0
  }

  send(event: T): void {
    for (const listener of this.#listeners) {
      try {
        const result: unknown = listener(event)
        // Nobody waits for a listener that is async; what it throws would end the process.
        if (isPromise(result)) result.then(undefined, this.#onError)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
