/**
 * Gives every statement its row and value: from a tree of words to a tree of typed scopes.
 *
 * Rules of this file: statements are judged in source order and the first fault ends it, so that a conf is refused
 * for the same reason and line as by nginx. For one statement nginx's order holds (`ngx_conf_handler`): is the name
 * known, is it allowed here, `;` or `{`, number of arguments, is it a duplicate, its value.
 */
import type { Statement, Word } from './ast.ts'
import { ConfigError } from './config-error.ts'
import type { DirectiveTable } from './directive-table.ts'
import type { AnyDirective, Arity, BlockDirective, Context, ParseContext } from './directive.ts'
import { dirname, nginxPath } from './path.ts'
import { type BoundStatement, Scope } from './scope.ts'

export interface BindOptions {
  /** Folder of `-p`. */
  readonly prefix: string
  /** The main conf file; its folder is what `ParseContext.path(x, 'conf')` is relative to. */
  readonly confPath: string
}

export interface BoundConfig {
  readonly main: Scope
  readonly warnings: readonly ConfigError[]
}

/** Top-level directives of nginx that ask for what this server is not; told apart from a typing error. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['stream', 'it does not proxy TCP and UDP streams'],
  ['mail', 'it does not proxy mail'],
])

/** @throws ConfigError for the first fault. */
export function bindConfig(
  statements: readonly Statement[],
  directives: DirectiveTable,
  options: BindOptions,
): BoundConfig {
  return new Binder(directives, options).bind(statements)
}

class Binder {
  readonly #directives: DirectiveTable
  readonly #options: BindOptions
  readonly #warnings: ConfigError[] = []
  /** First use of each directive that does nothing here. */
  readonly #noEffect = new Map<AnyDirective, Statement>()

  constructor(directives: DirectiveTable, options: BindOptions) {
    this.#directives = directives
    this.#options = options
  }

  bind(statements: readonly Statement[]): BoundConfig {
    const main = new Scope('main')
    try {
      this.#bindAll(statements, main)
    } catch (error) {
      if (error instanceof ConfigError) error.earlier = this.#warnings
      throw error
    }
    this.#warnOfNoEffect()
    return { main, warnings: this.#warnings }
  }

  #bindAll(statements: readonly Statement[], scope: Scope): void {
    for (const statement of statements) scope.add(this.#bindOne(statement, scope))
  }

  #bindOne(statement: Statement, scope: Scope): BoundStatement {
    if (statement.error !== undefined) throw new ConfigError(statement.error, statement)
    const directive = this.#find(statement, scope.context)
    checkForm(statement, directive)
    checkDuplicate(statement, directive, scope)
    if (directive.noEffect !== undefined && !this.#noEffect.has(directive)) {
      this.#noEffect.set(directive, statement)
    }
    if (directive.kind === 'block') return this.#bindBlock(statement, directive, scope)
    const value = directive.entries
      ? this.#parseEntries(statement, directive.parse, scope.context)
      : this.#parse(statement, directive.parse, scope.context)
    if (directive.kind === 'list' || !directive.merge || !scope.has(directive)) {
      return { directive, value, statement }
    }
    const at = new StatementContext(statement, scope.context, this.#options, this.#warnings)
    return { directive, value: directive.merge(scope.own(directive), value, at), statement }
  }

  #find(statement: Statement, context: Context): AnyDirective {
    const { name } = statement
    const directive = this.#directives.find(name, context)
    if (directive) return directive
    if (this.#directives.has(name))
      throw new ConfigError(`"${name}" directive is not allowed here`, statement)
    const reason = UNSUPPORTED.get(name)
    if (reason !== undefined) {
      throw new ConfigError(`"${name}" directive is not supported by this server: ${reason}`, statement)
    }
    const meant = this.#directives.suggest(name, context)
    const hint = meant === undefined ? '' : `, did you mean "${meant}"?`
    throw new ConfigError(`unknown directive "${name}"${hint}`, statement)
  }

  #bindBlock(statement: Statement, directive: BlockDirective<unknown>, outer: Scope): BoundStatement {
    const { opens } = directive
    const context = typeof opens === 'function' ? opens(outer.context) : opens
    const value = this.#parse(statement, directive.parse, outer.context)
    const scope = new Scope(context, outer, statement)
    this.#bindAll(statement.block ?? [], scope)
    return { directive, value, statement, scope }
  }

  /** A block of entries is parsed at once; what stands before a syntax fault in it is judged first. */
  #parseEntries(statement: Statement, parse: Parse, context: Context): unknown {
    const entries = statement.block ?? []
    const bad = entries.findIndex((entry) => entry.error !== undefined || entry.block !== undefined)
    const fault = entries[bad]
    if (!fault) return this.#parse(statement, parse, context)
    this.#parse({ ...statement, block: entries.slice(0, bad) }, parse, context)
    throw new ConfigError(fault.error ?? 'unexpected "{"', fault)
  }

  #parse(statement: Statement, parse: Parse, context: Context): unknown {
    const at = new StatementContext(statement, context, this.#options, this.#warnings)
    try {
      return parse(statement.args, at)
    } catch (error) {
      if (!(error instanceof ConfigError) || error.file !== undefined) throw error
      throw new ConfigError(error.message, statement)
    }
  }

  #warnOfNoEffect(): void {
    const [first] = this.#noEffect.values()
    if (!first) return
    const used = Array.from(this.#noEffect.keys(), (row) => `"${row.name}" (${row.noEffect ?? ''})`)
    this.#warnings.push(new ConfigError(`no effect in this server: ${used.join(', ')}`, first, 'warn'))
  }
}

type Parse = (args: readonly Word[], at: ParseContext) => unknown

class StatementContext implements ParseContext {
  readonly statement: Statement
  readonly context: Context
  readonly #options: BindOptions
  readonly #warnings: ConfigError[]

  constructor(statement: Statement, context: Context, options: BindOptions, warnings: ConfigError[]) {
    this.statement = statement
    this.context = context
    this.#options = options
    this.#warnings = warnings
  }

  path(relative: string, base: 'conf' | 'prefix'): string {
    return nginxPath(base === 'conf' ? dirname(this.#options.confPath) : this.#options.prefix, relative)
  }

  fail(message: string, at: Statement = this.statement): never {
    throw new ConfigError(message, at)
  }

  warn(message: string, at: Statement = this.statement): void {
    this.#warnings.push(new ConfigError(message, at, 'warn'))
  }
}

function checkForm(statement: Statement, directive: AnyDirective): void {
  const { name } = statement
  const wantsBlock = directive.kind === 'block' || directive.entries === true
  if (!wantsBlock && statement.block) {
    throw new ConfigError(`directive "${name}" is not terminated by ";"`, statement)
  }
  if (wantsBlock && !statement.block) {
    throw new ConfigError(`directive "${name}" has no opening "{"`, statement)
  }
  if (!takes(directive.args, statement.args.length)) {
    throw new ConfigError(`invalid number of arguments in "${name}" directive`, statement)
  }
}

function takes(arity: Arity, count: number): boolean {
  if (arity === 'flag') return count === 1
  if (typeof arity === 'number') return count === arity
  if ('min' in arity) return count >= arity.min && count <= (arity.max ?? Infinity)
  return arity.includes(count)
}

function checkDuplicate(statement: Statement, directive: AnyDirective, scope: Scope): void {
  const once =
    (directive.kind === 'single' && !directive.merge) || (directive.kind === 'block' && directive.once)
  if (!once || !scope.has(directive)) return
  throw new ConfigError(`"${statement.name}" directive is duplicate`, statement)
}
