/** Requests that wait for their turn, in the order in which they came. Any of them may leave at any time. */
interface Place<R> {
  readonly request: R
  /** Monotonic milliseconds. */
  readonly sinceMs: number
  before: Place<R> | undefined
  after: Place<R> | undefined
}

export class WaitingLine<R> {
  readonly #places = new Map<R, Place<R>>()
  #first: Place<R> | undefined
  #last: Place<R> | undefined

  get size(): number {
    return this.#places.size
  }

  get oldest(): { readonly request: R; readonly sinceMs: number } | undefined {
    return this.#first
  }

  get newest(): { readonly request: R; readonly sinceMs: number } | undefined {
    return this.#last
  }

  add(request: R, nowMs: number): void {
    const place: Place<R> = { request, sinceMs: nowMs, before: this.#last, after: undefined }
    if (this.#last) this.#last.after = place
    else this.#first = place
    this.#last = place
    this.#places.set(request, place)
  }

  /** False where it does not wait. */
  delete(request: R): boolean {
    const place = this.#places.get(request)
    if (!place) return false
    this.#places.delete(request)
    const { before, after } = place
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    return true
  }
}
