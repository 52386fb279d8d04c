/** A worker's questions for the figures of all: those of one moment are one. */
import type { FigureTotals } from './figure-book.ts'

export class FigureCollector {
  readonly #ask: () => void
  #waiting: ((totals: FigureTotals) => void)[] = []
  #next: ((totals: FigureTotals) => void)[] = []

  constructor(ask: () => void) {
    this.#ask = ask
  }

  collect(): Promise<FigureTotals> {
    const { promise, resolve } = Promise.withResolvers<FigureTotals>()
    this.#next.push(resolve)
    if (this.#waiting.length === 0) this.#send()
    return promise
  }

  learn(totals: FigureTotals): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve(totals)
    if (this.#next.length > 0) this.#send()
  }

  #send(): void {
    this.#waiting = this.#next
    this.#next = []
    this.#ask()
  }
}
