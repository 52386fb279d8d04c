/** Names of variables and what gives their values; filled while the conf is compiled, closed over afterwards. */
import type { Request } from './request.ts'

export type VariableGetter = (request: Request) => string | undefined
export type VariableSetter = (request: Request, value: string) => void

/** A family such as `http_`: makes the getter for what follows the prefix. */
export type PrefixVariable = (rest: string) => VariableGetter

export interface VariableRow {
  readonly name: string
  readonly get: VariableGetter
  /** What `set` of a variable of the server's own does (`$args`, `$limit_rate`). */
  readonly set?: VariableSetter
  /** Whether `set`, `map` and captures may give it another value: the request then keeps that (nginx: changeable). */
  readonly changeable?: true
}

export class VariableTable {
  readonly #rows = new Map<string, VariableRow>()
  readonly #prefixes: (readonly [string, PrefixVariable])[] = []
  readonly #settable = new Map<string, number>()

  define(rows: readonly VariableRow[]): void {
    for (const row of rows) this.#rows.set(row.name, row)
  }

  /**
   * A variable that the conf makes (`map`, `geo`): evaluated once per request and kept, unless it is `volatile`.
   *
   * @throws Error `the duplicate "name" variable`
   */
  defineKept(name: string, get: VariableGetter, volatile = false): void {
    if (this.isBuiltin(name)) throw new Error(`the duplicate "${name}" variable`)
    if (volatile) {
      this.#rows.set(name, { name, get, changeable: true })
      return
    }
    const slot = this.slot(name)
    this.#rows.set(name, { name, get: (request) => keep(request, slot, get), changeable: true })
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

  /** Whether the name is the server's own and cannot be given a value by the conf. */
  isBuiltin(name: string): boolean {
    const row = this.#rows.get(name)
    return row !== undefined && !row.changeable && !row.set
  }

  /** What assigns a value: of a variable of the conf's own, or of one of ours that takes it. */
  setter(name: string): VariableSetter {
    const own = this.#rows.get(name)?.set
    if (own) return own
    const slot = this.slot(name)
    return (request, value) => {
      request.slots ??= []
      request.slots[slot] = value
    }
  }

  /** @throws Error `unknown "name" variable` */
  getter(name: string): VariableGetter {
    const own = this.#rows.get(name)
    const slot = this.#settable.get(name)
    if (slot !== undefined && !own?.set) {
      const otherwise = own?.get ?? this.#prefixed(name) ?? (() => '')
      return (request) => request.slots?.[slot] ?? otherwise(request)
    }
    const getter = own?.get ?? this.#prefixed(name)
    if (!getter) throw new Error(`unknown "${name}" variable`)
    return getter
  }

  #prefixed(name: string): VariableGetter | undefined {
    for (const [prefix, make] of this.#prefixes) {
      if (name.startsWith(prefix)) return make(name.slice(prefix.length))
    }
    return undefined
  }
}

function keep(request: Request, slot: number, get: VariableGetter): string | undefined {
  const value = get(request)
  if (value !== undefined) {
    request.slots ??= []
    request.slots[slot] = value
  }
  return value
}
