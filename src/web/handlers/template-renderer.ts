import { authTemplates } from '../auth/auth-templates.ts'
import { cachesOf } from '../cache/cache.ts'
import type { ContextProcessor, Settings, TemplateEngine } from '../conf/settings.ts'
import { getToken } from '../csrf/csrf-token.ts'
import { HttpRequest } from '../http/http-request.ts'
import type { UrlLookup } from '../http/match-info.ts'
import { allOf, chain, isPromise, type MaybePromise } from '../maybe-promise.ts'
import { Engine } from '../template/engine.ts'
import { staticUrls } from '../static/static-manifest.ts'
import { currentTimeZone } from '../time-zones/current-time-zone.ts'
import { defaultContextProcessors } from './context-processors.ts'

/** Renders templates for requests: the engine, the names to try, and the context processors. */
export class TemplateRenderer {
  readonly #engine: TemplateEngine
  readonly #processors: readonly ContextProcessor[]

  constructor(settings: Settings, urlsOutside: () => UrlLookup) {
    this.#engine = settings.templates.engine ?? makeEngine(settings, urlsOutside)
    this.#processors = settings.templates.contextProcessors ?? defaultContextProcessors
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
      const text = template.render(merged([...parts, context]), request)
      if (entry === undefined || trace === null) return text
      if (isPromise(text)) return Promise.resolve(text).finally(() => trace.end(entry))
      trace.end(entry)
      return text
    })
  }

  #select(names: readonly string[]): ReturnType<TemplateEngine['getTemplate']> {
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

/** @param urlsOutside for a template that is rendered without a request */
function makeEngine(settings: Settings, urlsOutside: () => UrlLookup): TemplateEngine {
  const { dirs, loaders, libraries, builtins, stringIfInvalid } = settings.templates
  return new Engine({
    debug: settings.debug,
    fallbacks: [authTemplates],
    ...(dirs && { dirs }),
    ...(loaders && { loaders }),
    ...(libraries && { libraries }),
    ...(builtins && { builtins }),
    ...(stringIfInvalid !== undefined && { stringIfInvalid }),
    staticUrl: staticUrls(settings),
    staticPrefix: settings.staticUrl,
    mediaUrl: settings.mediaUrl,
    fragmentCache: (alias) => {
      const caches = cachesOf(settings)
      return alias === null ? (caches.find('template_fragments') ?? caches.default) : caches.get(alias)
    },
    timeZone: () => currentTimeZone(settings.timeZone),
    now: () => new Date(settings.now()),
    csrfToken: (request) => (request instanceof HttpRequest ? getToken(request) : undefined),
    reverse: (name, args, kwargs, request) =>
      request instanceof HttpRequest && request.site !== null
        ? request.site.urlsFor(request).reverse(name, kwargs, args, request.resolverMatch?.namespaces)
        : urlsOutside().reverse(name, kwargs, args),
  })
}

function merged(parts: readonly Record<string, unknown>[]): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (const part of parts) Object.assign(all, part)
  return all
}
