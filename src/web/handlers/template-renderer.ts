import type { ContextProcessor, Settings, TemplateEngine } from '../conf/settings.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { allOf, chain, isPromise, type MaybePromise } from '../maybe-promise.ts'

/** Renders templates for requests: the engine, the names to try, and the context processors. */
export class TemplateRenderer {
  readonly #engine: TemplateEngine | null
  readonly #processors: readonly ContextProcessor[]

  constructor(settings: Settings) {
    this.#engine = settings.templates.engine ?? null
    this.#processors = settings.templates.contextProcessors ?? []
  }

  /** What the view gives wins over what a processor adds, and a later processor over an earlier one. */
  render(
    request: HttpRequest,
    names: string | readonly string[],
    context: Record<string, unknown>,
  ): MaybePromise<string> {
    const template = this.#select(typeof names === 'string' ? [names] : names)
    const { trace } = request
    const added = allOf(this.#processors.map((processor) => processor(request)))
    return chain(added, (parts) => {
      const entry = trace?.begin('template', String(names))
      const text = template.render(merged([{ request }, ...parts, context]))
      if (entry === undefined || trace === null) return text
      if (isPromise(text)) return Promise.resolve(text).finally(() => trace.end(entry))
      trace.end(entry)
      return text
    })
  }

  #select(names: readonly string[]): ReturnType<TemplateEngine['getTemplate']> {
    if (this.#engine === null) {
      throw new ImproperlyConfigured(
        'Rendering a template needs settings.templates: { dirs: [...] } or an engine',
      )
    }
    let missing: unknown
    for (const name of names) {
      try {
        return this.#engine.getTemplate(name)
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'TemplateDoesNotExist' || names.length === 1)
          throw error
        missing = error
      }
    }
    throw missing
  }
}

function merged(parts: readonly Record<string, unknown>[]): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (const part of parts) Object.assign(all, part)
  return all
}
