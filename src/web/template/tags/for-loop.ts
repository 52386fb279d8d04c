import type { Layer } from '../context.ts'
import { pythonRepr } from '../python/string.ts'

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

  /** Django's `forloop` is a dictionary, and shows as one. */
  toString(): string {
    const { parentloop, counter0, counter, revcounter, revcounter0, first, last } = this
    return pythonRepr({ parentloop, counter0, counter, revcounter, revcounter0, first, last })
  }
}

/** The variables of a loop. A Map would do, were it not for the time that its writes take in every round. */
export class LoopLayer implements Layer {
  readonly loop: ForLoop
  readonly #name: string
  #more: Map<string, unknown> | undefined
  item: unknown

  constructor(loop: ForLoop, name: string) {
    this.loop = loop
    this.#name = name
  }

  get(name: string): unknown {
    const written = this.#more?.get(name)
    if (written !== undefined) return written
    if (name === this.#name) return this.item
    return name === 'forloop' ? this.loop : undefined
  }

  set(name: string, value: unknown): void {
    if (name === this.#name) {
      this.item = value
      return
    }
    this.#more ??= new Map()
    this.#more.set(name, value)
  }

  has(name: string): boolean {
    return name === 'forloop' || name === this.#name || this.#more?.has(name) === true
  }

  *entries(): Iterable<[string, unknown]> {
    yield ['forloop', this.loop]
    yield [this.#name, this.item]
    if (this.#more) yield* this.#more
  }
}
