/**
 * What a row of a directive table is. A row is also the typed key by which a compiled scope gives its value:
 * `scope.get(root)` is a string because `root` is a `Directive<string>`.
 */
import type { Statement, Word } from './ast.ts'

/** Where a directive may stand. `server if` and `location if` are the two blocks that `if` opens. */
export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'server if'
  | 'location'
  | 'location if'
  | 'limit_except'
  | 'upstream'
  | 'app'

/** Number of arguments: exactly, one of several, a range, or one `on`/`off`. */
export type Arity = number | readonly number[] | { readonly min: number; readonly max?: number } | 'flag'

/** What a parser of arguments may ask and say. */
export interface ParseContext {
  readonly statement: Statement
  readonly context: Context
  /** Makes a relative path absolute: against the conf's folder, or against the prefix (`-p`). */
  path(relative: string, base: 'conf' | 'prefix'): string
  /**
   * Ends the start with nginx's `[emerg] message in file:line`. `at` is the entry at fault in a block of entries.
   * A `ConfigError` without a place that `parse` throws is given the statement's place, which is the same.
   */
  fail(message: string, at?: Statement): never
  /** Adds a warning that is printed at start. */
  warn(message: string, at?: Statement): void
}

interface Row {
  readonly name: string
  readonly contexts: readonly Context[]
  readonly args: Arity
  /** nginx's syntax line without the name: `path` or `on | off`. */
  readonly syntax: string
  /** One or two sentences for the generated reference. */
  readonly doc: string
  /** Parsed and checked, but with no effect in this server: named in one warning at start. Says why. */
  readonly noEffect?: string
}

/** A directive with one value per scope. A second one in the same scope is `"name" directive is duplicate`. */
export interface Directive<V> extends Row {
  readonly kind: 'single'
  /** Value when neither the scope nor an ancestor has it. */
  readonly default: V
  /** `default` as nginx's reference writes it; derived where it is a plain word. */
  readonly defaultText?: string
  /** Whether inner scopes see it. Default true. */
  readonly inherit?: boolean
  /** A block whose content is not directives (`types`, `map`): `at.statement.block` holds its entries. */
  readonly entries?: true
  readonly parse: (args: readonly Word[], at: ParseContext) => V
  /**
   * Joins the values of a directive that may be repeated in a scope (`types`, `proxy_next_upstream`). Written as a
   * method because rows of all values stand in one table, and methods compare bivariantly.
   */
  merge?(earlier: V, later: V, at: Pick<ParseContext, 'warn'>): V
}

/** A directive that may be repeated; an inner scope that has any of its own inherits none (nginx's array rule). */
export interface ListDirective<E> extends Row {
  readonly kind: 'list'
  readonly inherit?: boolean
  readonly entries?: true
  readonly parse: (args: readonly Word[], at: ParseContext) => E
}

/** A directive that opens a scope with directives in it (`server`, `location`). `parse` gives the scope's own value. */
export interface BlockDirective<V> extends Row {
  readonly kind: 'block'
  /** Context inside the block, where it depends on the place: `if` opens `server if` or `location if`. */
  readonly opens: Context | ((outer: Context) => Context)
  readonly parse: (args: readonly Word[], at: ParseContext) => V
  /** Whether the block may stand only once in its scope (`http`, `events`). */
  readonly once?: true
}

export type AnyDirective = Directive<unknown> | ListDirective<unknown> | BlockDirective<unknown>
