/**
 * A bound block: typed values by directive row, children in source order. Exists while the conf is compiled and for
 * `explain`; nothing looks into it while a request runs.
 */
import type { Statement } from './ast.ts'
import type { AnyDirective, BlockDirective, Context, Directive, ListDirective } from './directive.ts'

/** One statement with its row and parsed value, in source order: what order-dependent modules (rewrite) compile. */
export interface BoundStatement {
  readonly directive: AnyDirective
  readonly value: unknown
  readonly statement: Statement
  /** The scope it opened, for block directives. */
  readonly scope?: Scope
}

export class Scope {
  readonly context: Context
  readonly parent: Scope | undefined
  /** The statement that opened it; undefined for `main`. */
  readonly statement: Statement | undefined
  readonly bound: BoundStatement[] = []
  readonly #single = new Map<AnyDirective, BoundStatement>()
  readonly #lists = new Map<AnyDirective, BoundStatement[]>()

  constructor(context: Context, parent?: Scope, statement?: Statement) {
    this.context = context
    this.parent = parent
    this.statement = statement
  }

  /** Adds a statement; duplicates are the binder's business. */
  add(bound: BoundStatement): void {
    this.bound.push(bound)
    if (bound.directive.kind === 'single') {
      this.#single.set(bound.directive, bound)
      return
    }
    const list = this.#lists.get(bound.directive)
    if (list) list.push(bound)
    else this.#lists.set(bound.directive, [bound])
  }

  /** Whether this scope itself has the directive. */
  has(directive: AnyDirective): boolean {
    return this.#single.has(directive) || this.#lists.has(directive)
  }

  /** Own value, else the nearest ancestor's, else the default. */
  get<V>(directive: Directive<V>): V {
    const bound = this.find(directive)
    return bound ? (bound.value as V) : directive.default
  }

  /** Own value only. */
  own<V>(directive: Directive<V>): V | undefined {
    return this.#single.get(directive)?.value as V | undefined
  }

  /** Own elements, else the nearest ancestor's that has any, else none. */
  list<E>(directive: ListDirective<E>): readonly E[] {
    return this.findList(directive).map((bound) => bound.value as E)
  }

  /** The statement that `get` takes its value from: where it was set. */
  find(directive: Directive<never> | Directive<unknown> | AnyDirective): BoundStatement | undefined {
    const row = directive
    const own = this.#single.get(row)
    if (own || !this.parent || (row.kind === 'single' && row.inherit === false)) return own
    return this.parent.find(row)
  }

  findList<E>(directive: ListDirective<E>): readonly BoundStatement[] {
    const own = this.#lists.get(directive)
    if (own) return own
    if (!this.parent || directive.inherit === false) return []
    return this.parent.findList(directive)
  }

  /** Scopes that this block directive opened here, in source order. */
  blocks<V>(directive: BlockDirective<V>): readonly (BoundStatement & { value: V; scope: Scope })[] {
    return (this.#lists.get(directive) ?? []) as (BoundStatement & {
      value: V
      scope: Scope
    })[]
  }
}
