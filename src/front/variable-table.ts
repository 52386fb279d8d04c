/** Names of variables and what gives their values; filled while the conf is compiled, closed over afterwards. */
import type { Request } from './request.ts'

export type VariableGetter = (request: Request) => string | undefined

/** A family such as `http_`: makes the getter for what follows the prefix. */
export type PrefixVariable = (rest: string) => VariableGetter

/** What `set`, `map` and `geo` may not redefine is marked unchangeable. */
export interface VariableRow {
  readonly name: string
  readonly get: VariableGetter
}

export class VariableTable {
  readonly #rows = new Map<string, VariableGetter>()
  readonly #prefixes: (readonly [string, PrefixVariable])[] = []
  readonly #settable = new Map<string, number>()

  define(rows: readonly VariableRow[]): void {
    for (const row of rows) this.#rows.set(row.name, row.get)
  }

  definePrefix(prefix: string, make: PrefixVariable): void {
    this.#prefixes.push([prefix, make])
  }

  /** Slot in `request.slots` of a variable that the conf itself assigns (`set $x`), made when new. */
  slot(name: string): number {
    const known = this.#settable.get(name)
    if (known !== undefined) return known
    const slot = this.#settable.size
    this.#settable.set(name, slot)
    return slot
  }

  /** Whether the name is the server's own, which `set` may not assign. */
  isBuiltin(name: string): boolean {
    return this.#rows.has(name)
  }

  /** @throws Error `unknown "name" variable` */
  getter(name: string): VariableGetter {
    const slot = this.#settable.get(name)
    if (slot !== undefined) return (request) => request.slots?.[slot]
    const own = this.#rows.get(name)
    if (own) return own
    for (const [prefix, make] of this.#prefixes) {
      if (name.startsWith(prefix) && name.length > prefix.length) return make(name.slice(prefix.length))
    }
    throw new Error(`unknown "${name}" variable`)
  }
}
