/** What `forloop` is inside of a `for`. One object per loop; only its position changes. */
export class ForLoop {
  readonly parentloop: unknown
  readonly #length: number
  /** What `ifchanged` saw last, by its node: it starts afresh with every new loop. */
  readonly seen = new Map<object, unknown>()
  counter0 = 0

  constructor(length: number, parentloop: unknown) {
    this.#length = length
    this.parentloop = parentloop
  }

  get counter(): number {
    return this.counter0 + 1
  }

  get revcounter(): number {
    return this.#length - this.counter0
  }

  get revcounter0(): number {
    return this.#length - this.counter0 - 1
  }

  get first(): boolean {
    return this.counter0 === 0
  }

  get last(): boolean {
    return this.counter0 === this.#length - 1
  }
}
