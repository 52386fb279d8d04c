/** One holder at a time, in the order of asking. Waiting ends with an error when it lasts too long. */
export class AsyncLock {
  readonly #queue: (() => void)[] = []
  #held = false

  get held(): boolean {
    return this.#held
  }

  /** @throws what `expired` makes, after `timeoutMs` */
  acquire(timeoutMs: number, expired: () => Error): Promise<void> {
    if (!this.#held) {
      this.#held = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(enter), 1)
        reject(expired())
      }, timeoutMs)
      this.#queue.push(enter)
    })
  }

  /** Hands over to the next in line. */
  release(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#held = false
    else next()
  }
}
