import { AliasNode, BinaryOperationNode, ColumnNode, IdentifierNode, JoinNode, OperatorNode } from 'kysely'
import type { OperationNode } from 'kysely'
import { ReferenceNode, TableNode } from 'kysely'
import type { Column, JoinStep } from '../model-meta.ts'
import type { Path } from './path.ts'

interface Join {
  readonly alias: string
  readonly parent: string
  readonly step: JoinStep
  outer: boolean
}

/** The tables of one SELECT. */
export class Joins {
  readonly root: string
  readonly #prefix: string
  readonly #joins: Join[] = []

  /** `depth` keeps the aliases of a subquery apart from those around it. */
  constructor(depth: number) {
    this.#prefix = depth < 20 ? (ALIASES[depth] ?? 'z') : `z${depth}_`
    this.root = `${this.#prefix}0`
  }

  get size(): number {
    return this.#joins.length
  }

  /**
   * The alias of the table that `path` ends in. `reuse` holds the aliases of to-many joins that may be used again,
   * null meaning all, the last of them first (Django's rule): a filter shares them within itself only.
   */
  follow(path: Pick<Path, 'steps'>, reuse: Set<string> | null): string {
    let alias = this.root
    for (const step of path.steps) alias = this.#join(alias, step, reuse)
    return alias
  }

  #join(parent: string, step: JoinStep, reuse: Set<string> | null): string {
    const known = this.#joins.findLast(
      (join) =>
        join.parent === parent &&
        join.step.from === step.from &&
        join.step.to === step.to &&
        (reuse === null || !step.multiple || reuse.has(join.alias)),
    )
    if (known !== undefined) return known.alias
    const alias = `${this.#prefix}${this.#joins.length + 1}`
    const above = this.#joins.find((join) => join.alias === parent)
    this.#joins.push({ alias, parent, step, outer: step.nullable || above?.outer === true })
    reuse?.add(alias)
    return alias
  }

  /** A condition at the top that no missing row can meet: the joins on the way to `alias` need not keep such rows. */
  requireRow(alias: string): void {
    let join = this.#joins.find((j) => j.alias === alias)
    while (join !== undefined) {
      join.outer = false
      const { parent } = join
      join = this.#joins.find((j) => j.alias === parent)
    }
  }

  nodes(): JoinNode[] {
    return this.#joins.map((join) =>
      JoinNode.createWithOn(
        join.outer ? 'LeftJoin' : 'InnerJoin',
        aliased(join.step.to.meta.table, join.alias),
        BinaryOperationNode.create(
          reference(join.parent, join.step.from),
          OperatorNode.create('='),
          reference(join.alias, join.step.to),
        ),
      ),
    )
  }
}

const ALIASES = 'tuvwxyabcdefghijklmn'

export const aliased = (table: string, alias: string): OperationNode =>
  AliasNode.create(TableNode.create(table), IdentifierNode.create(alias))

export const reference = (alias: string, column: Column): ReferenceNode =>
  ReferenceNode.create(ColumnNode.create(column.column), TableNode.create(alias))
