/** All directives of a server by name, made once from the modules' rows. */
import type { AnyDirective, Context } from './directive.ts'
import { nearest } from '../util/edit-distance.ts'

export class DirectiveTable {
  readonly #byName = new Map<string, AnyDirective[]>()

  /** @throws Error when two rows give one name in one context: a mistake in the tables, not in a conf. */
  constructor(rows: Iterable<AnyDirective>) {
    for (const row of rows) {
      const namesakes = this.#byName.get(row.name)
      if (!namesakes) {
        this.#byName.set(row.name, [row])
        continue
      }
      const clash = namesakes.flatMap((other) => other.contexts).find((one) => row.contexts.includes(one))
      if (clash !== undefined) throw new Error(`two rows for directive "${row.name}" in context "${clash}"`)
      namesakes.push(row)
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  find(name: string, context: Context): AnyDirective | undefined {
    return this.#byName.get(name)?.find((row) => row.contexts.includes(context))
  }

  /** The directive that may have been meant: one allowed in `context` goes before nearer ones that are not. */
  suggest(name: string, context: Context): string | undefined {
    const here = this.rows().filter((row) => row.contexts.includes(context))
    return nearest(name, namesOf(here)) ?? nearest(name, this.#byName.keys())
  }

  /** Every row, for the generated reference. */
  rows(): AnyDirective[] {
    return Array.from(this.#byName.values()).flat()
  }
}

function namesOf(rows: readonly AnyDirective[]): string[] {
  return rows.map((row) => row.name)
}
