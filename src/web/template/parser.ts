import type { Render } from './context.ts'
import type { Filter } from './filter.ts'
import { FilterExpression } from './filter-expression.ts'
import { nodeList, type NodePart } from './node-list.ts'
import { variableNode } from './render-value.ts'
import type { CompileFunction, TagParser, TagSet, TemplateEnvironment } from './tag-parser.ts'
import { locate, type Origin, TemplateSyntaxError } from './template-error.ts'
import { textList } from './text-list.ts'
import type { Token } from './token.ts'

/** Tags nested deeper than this are refused, long before the compiler would run out of stack. */
const MAX_NESTING = 200

/** Compiles the tokens of one template. */
export class Parser implements TagParser {
  readonly environment: TemplateEnvironment
  readonly origin: Origin
  readonly blocks = new Map<string, Render>()
  readonly shared = new Map<object, unknown>()
  readonly #source: { readonly text: string; readonly origin: Origin }
  readonly #tokens: readonly Token[]
  readonly #tags = new Map<string, CompileFunction>()
  readonly #filters = new Map<string, Filter>()
  /** Tags whose end has not been seen, outermost first. */
  readonly #open: Token[] = []
  #at = 0
  #child: Token | undefined
  /** Whether anything but text and comments has been compiled. */
  #hasTags = false

  constructor(tokens: readonly Token[], environment: TemplateEnvironment, text: string, origin: Origin) {
    this.#tokens = tokens
    this.environment = environment
    this.origin = origin
    this.#source = { text, origin }
    for (const library of environment.builtins) this.addLibrary(library)
  }

  get isChild(): boolean {
    return this.#child !== undefined
  }

  get stringIfInvalid(): string {
    return this.environment.stringIfInvalid
  }

  addLibrary(library: TagSet): void {
    for (const [name, compile] of library.tags) this.#tags.set(name, compile)
    for (const [name, filter] of library.filters) this.#filters.set(name, filter)
  }

  parse(until: readonly string[] = []): Render {
    const nodes: NodePart[] = []
    for (let token = this.#tokens[this.#at]; token; token = this.#tokens[this.#at]) {
      if (token.kind === 'block' && until.includes(commandOf(token))) return nodeList(nodes, this.#source)
      this.#at++
      const part = this.#compile(token, until)
      if (part !== undefined) nodes.push({ part, token })
    }
    if (until.length > 0) this.#unclosedBlockTag(until)
    return nodeList(nodes, this.#source)
  }

  #compile(token: Token, until: readonly string[]): string | Render | undefined {
    switch (token.kind) {
      case 'text':
        return token.contents
      case 'comment':
        return undefined
      case 'variable':
        this.#hasTags = true
        return this.#locating(token, () => this.#compileVariable(token))
      case 'block':
        return this.#compileTag(token, until)
    }
  }

  #compileVariable(token: Token): Render {
    if (token.contents === '') throw new TemplateSyntaxError(`Empty variable tag on line ${token.line}`)
    return variableNode(this.compileFilter(token.contents))
  }

  #compileTag(token: Token, until: readonly string[]): Render {
    const command = commandOf(token)
    if (command === '') throw this.#error(token, `Empty block tag on line ${token.line}`)
    const compile = this.#tags.get(command)
    if (!compile) this.invalidBlockTag(token, command, until)
    this.#open.push(token)
    if (this.#open.length > MAX_NESTING)
      throw this.#error(token, `Tags are nested too deep on line ${token.line}`)
    const render = this.#locating(token, () => compile(this, token))
    this.#open.pop()
    this.#hasTags = true
    return render
  }

  /** Errors that say nothing of their place get that of the token: the innermost one wins. */
  #locating<T>(token: Token, compile: () => T): T {
    try {
      return compile()
    } catch (error) {
      throw locate(error, token, this.#source)
    }
  }

  #error(token: Token, message: string): unknown {
    return locate(new TemplateSyntaxError(message), token, this.#source)
  }

  markChild(token: Token): void {
    const name = commandOf(token)
    if (this.#child)
      throw new TemplateSyntaxError(`'${name}' cannot appear more than once in the same template`)
    if (this.#hasTags || this.#open.length > 1) {
      throw new TemplateSyntaxError(`<ExtendsNode: ${token.contents}> must be the first tag in the template.`)
    }
    this.#child = token
  }

  skipPast(endTag: string): void {
    for (let token = this.#tokens[this.#at++]; token; token = this.#tokens[this.#at++]) {
      if (token.kind === 'block' && token.contents === endTag) return
    }
    this.#unclosedBlockTag([endTag])
  }

  nextToken(): Token {
    const token = this.#tokens[this.#at]
    if (!token) throw new TemplateSyntaxError('Unexpected end of template')
    this.#at++
    return token
  }

  deleteFirstToken(): void {
    this.#at++
  }

  compileFilter(source: string): FilterExpression {
    return new FilterExpression(source, this)
  }

  findFilter(name: string): Filter {
    const filter = this.#filters.get(name)
    if (!filter) throw new TemplateSyntaxError(`Invalid filter: '${name}'`)
    return filter
  }

  invalidBlockTag(token: Token, command: string, until: readonly string[] = []): never {
    const expected = until.length > 0 ? `, expected ${textList(until.map((name) => `'${name}'`))}` : ''
    throw this.#error(
      token,
      `Invalid block tag on line ${token.line}: '${command}'${expected}. ` +
        'Did you forget to register or load this tag?',
    )
  }

  #unclosedBlockTag(until: readonly string[]): never {
    const token = this.#open.at(-1)
    if (!token) throw new TemplateSyntaxError(`Looking for one of: ${until.join(', ')}.`)
    throw this.#error(
      token,
      `Unclosed tag on line ${token.line}: '${commandOf(token)}'. Looking for one of: ${until.join(', ')}.`,
    )
  }
}

function commandOf(token: Token): string {
  return /^\S*/.exec(token.contents)?.[0] ?? ''
}
