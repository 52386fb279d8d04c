/**
 * Statements from words: matches braces, keeps a stack of its own so that nesting costs no call stack.
 *
 * A fault ends the text: it becomes a statement with `error` in the innermost open block, and nothing follows it.
 */
import type { Statement, Word } from './ast.ts'
import { Lexer, type Token } from './lexer.ts'

/** File name that stands for the text of `-g`; its statements have line 0. */
export const COMMAND_LINE = 'command line'

/** Blocks inside blocks. The tree is serialised as JSON and bound by recursion; real confs stay below ten. */
export const MAX_DEPTH = 128

/** Statements of one conf with all its files: bounds the memory that a conf can ask for. */
const MAX_STATEMENTS = 1_000_000

/** Counts over all files of one conf. */
export interface Budget {
  statements: number
}

export interface Parsed {
  readonly statements: readonly Statement[]
  /** Whether a fault ended it; the fault is the last statement of the innermost open block. */
  readonly failed: boolean
}

/** Gives what an `include` brings in; `depth` is the number of blocks open around it. */
export type Include = (args: readonly Word[], line: number, depth: number) => Parsed

export interface ParseOptions {
  readonly file: string
  readonly budget?: Budget
  /** Number of blocks open around this text. */
  readonly depth?: number
  /** Without it an `include` stays a statement like any other. */
  readonly include?: Include
}

interface OpenBlock {
  readonly words: readonly Word[]
  readonly line: number
  readonly statements: Statement[]
}

export function parseConfig(text: string, options: ParseOptions): Parsed {
  return new Parser(text, options).run()
}

class Parser {
  readonly #lexer: Lexer
  readonly #options: ParseOptions
  readonly #budget: Budget
  readonly #depth: number
  readonly #open: OpenBlock[] = []
  readonly #top: Statement[] = []
  #current: Statement[] = this.#top
  #failed = false
  #done = false

  constructor(text: string, options: ParseOptions) {
    this.#lexer = new Lexer(text, options.file === COMMAND_LINE ? 'param' : 'file')
    this.#options = options
    this.#budget = options.budget ?? { statements: 0 }
    this.#depth = options.depth ?? 0
  }

  run(): Parsed {
    while (!this.#done) this.#accept(this.#lexer.next())
    while (this.#open.length > 0) this.#close(undefined)
    return { statements: this.#top, failed: this.#failed }
  }

  #accept(token: Token): void {
    switch (token.kind) {
      case 'statement':
        return this.#statement(token.words, token.line)
      case 'block':
        return this.#block(token.words, token.line)
      case 'close':
        if (this.#open.length === 0) return this.#fail('unexpected "}"', token.line)
        return this.#close(token.line)
      case 'end':
        if (this.#open.length > 0) return this.#fail('unexpected end of file, expecting "}"', token.line)
        this.#done = true
        return
      case 'error':
        return this.#fail(token.message, token.line)
    }
  }

  #statement(words: readonly Word[], line: number): void {
    if (this.#isInclude(words)) return this.#include(words.slice(1), line)
    if (this.#spend(line)) this.#current.push(this.#make(words, line))
  }

  #block(words: readonly Word[], line: number): void {
    if (this.#options.file === COMMAND_LINE) {
      return this.#fail('block directives are not supported in -g option', line)
    }
    if (this.#isInclude(words)) return this.#fail('directive "include" is not terminated by ";"', line)
    if (this.#depth + this.#open.length >= MAX_DEPTH) {
      return this.#fail(`blocks are nested deeper than ${MAX_DEPTH} levels`, line)
    }
    if (!this.#spend(line)) return
    const statements: Statement[] = []
    this.#open.push({ words, line, statements })
    this.#current = statements
  }

  /** `endLine` is undefined when a fault cut the block. */
  #close(endLine: number | undefined): void {
    const block = this.#open.pop()
    if (!block) return
    this.#current = this.#open.at(-1)?.statements ?? this.#top
    const statement = this.#make(block.words, block.line)
    this.#current.push({ ...statement, block: block.statements, ...(endLine !== undefined && { endLine }) })
  }

  #isInclude(words: readonly Word[]): boolean {
    return this.#options.include !== undefined && words[0]?.text === 'include'
  }

  #include(args: readonly Word[], line: number): void {
    if (args.length !== 1) return this.#fail('invalid number of arguments in "include" directive', line)
    const included = this.#options.include?.(args, line, this.#depth + this.#open.length)
    for (const statement of included?.statements ?? []) this.#current.push(statement)
    if (included?.failed) this.#failed = this.#done = true
  }

  #spend(line: number): boolean {
    if (++this.#budget.statements <= MAX_STATEMENTS) return true
    this.#fail(`more than ${MAX_STATEMENTS} directives`, line)
    return false
  }

  #make(words: readonly Word[], line: number): Statement {
    return { name: words[0]?.text ?? '', args: words.slice(1), file: this.#options.file, line }
  }

  #fail(error: string, line: number): void {
    this.#failed = this.#done = true
    this.#current.push({ name: '', args: [], file: this.#options.file, line, error })
  }
}
