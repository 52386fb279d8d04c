/** What an application goes on with when its response is through: a worker that is to go waits for it, too. */
export class TrailingWork {
  #running = 0
  #done: PromiseWithResolvers<void> | undefined

  /** However it ends. */
  add(work: PromiseLike<unknown>): void {
    this.#running += 1
    Promise.resolve(work).then(this.#end, this.#end)
  }

  /** Undefined where nothing runs; what is added meanwhile counts. */
  get done(): Promise<void> | undefined {
    if (this.#running > 0) this.#done ??= Promise.withResolvers()
    return this.#done?.promise
  }

  readonly #end = (): void => {
    this.#running -= 1
    if (this.#running > 0) return
    this.#done?.resolve()
    this.#done = undefined
  }
}
