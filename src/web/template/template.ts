import { type Context, type ContextValues, type Render, type Rendered, RenderState } from './context.ts'
import { Lexer } from './lexer.ts'
import { Parser } from './parser.ts'
import type { LoadedTemplate, TemplateEnvironment } from './tag-parser.ts'
import { type Origin, TemplateSyntaxError } from './template-error.ts'

/** What the engine adds to a rendering that is not part of another. */
export interface RenderHost {
  /** The context for the values and the request of a caller. */
  makeContext(values: ContextValues | Context | undefined, request: unknown): Context | Promise<Context>
  /** Told the name and the milliseconds of every rendering, included templates excepted. */
  readonly onRender: ((name: string, ms: number) => void) | undefined
}

/** Templates may include or extend each other this deep: an `include` of itself would never end. */
const MAX_TEMPLATE_DEPTH = 100

/** A compiled template. It can be rendered any number of times, also at the same time. */
export class Template implements LoadedTemplate {
  readonly name: string | undefined
  readonly origin: Origin
  readonly source: string
  readonly blocks: ReadonlyMap<string, Render>
  readonly isChild: boolean
  readonly #body: Render
  readonly #host: RenderHost

  /** @throws TemplateSyntaxError */
  constructor(source: string, origin: Origin, environment: TemplateEnvironment, host: RenderHost) {
    this.source = source
    this.origin = origin
    this.name = origin.templateName
    this.#host = host
    const parser = new Parser(new Lexer(source).tokenize(), environment, source, origin)
    this.#body = parser.parse()
    this.blocks = parser.blocks
    this.isChild = parser.isChild
  }

  /** A string, unless something in the context or the tags was a promise: then a promise of it. */
  render(values?: ContextValues | Context, request?: unknown): Rendered {
    const { onRender } = this.#host
    if (!onRender) return this.#render(values, request)
    const start = performance.now()
    const report = (): void => {
      onRender(this.name ?? this.origin.name, performance.now() - start)
    }
    const output = this.#render(values, request)
    if (typeof output !== 'string') return output.finally(report)
    report()
    return output
  }

  #render(values: ContextValues | Context | undefined, request: unknown): Rendered {
    const context = this.#host.makeContext(values, request)
    if (context instanceof Promise) return context.then((settled) => this.renderWithin(settled))
    const output = this.renderWithin(context)
    // Rendering has stopped at one promise. The others of the context must not count as unhandled if they fail first.
    if (typeof output !== 'string') for (const promise of context.pending()) promise.catch(() => undefined)
    return output
  }

  renderWithin(context: Context): Rendered {
    const outer = context.state
    const { depth } = context
    const state = new RenderState(this.name ?? this.origin.name, outer)
    if (state.trail.length > MAX_TEMPLATE_DEPTH) throw tooDeep(state)
    context.state = state
    const restore = (): void => {
      context.state = outer
      context.cutTo(depth)
    }
    let output: Rendered
    try {
      output = this.#body(context)
    } catch (error) {
      restore()
      throw error
    }
    if (typeof output !== 'string') return output.finally(restore)
    restore()
    return output
  }

  renderBody(context: Context): Rendered {
    return this.#body(context)
  }
}

function tooDeep({ trail }: RenderState): TemplateSyntaxError {
  const last = trail.slice(-3).join(' > ')
  return new TemplateSyntaxError(
    `Templates include each other more than ${MAX_TEMPLATE_DEPTH} levels deep: ... > ${last}`,
  )
}
