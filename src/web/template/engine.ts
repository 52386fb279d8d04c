import { TemplateDirectory } from '../../io/files/template-directory.ts'
import { Context, type ContextValues, DEFAULT_RENDER_SETTINGS, type RenderSettings } from './context.ts'
import { defaultFilters } from './filters/default-filters.ts'
import { quote } from './python/url-quote.ts'
import type { FragmentCache, TagSet, TemplateEnvironment } from './tag-parser.ts'
import { cacheLibrary } from './tags/cache-tag.ts'
import { defaultTags } from './tags/default-tags.ts'
import { staticLibrary } from './tags/static-tags.ts'
import { Template, type RenderHost } from './template.ts'
import { type Origin, TemplateDoesNotExist } from './template-error.ts'
import { isTemplateName, type TemplateSource } from './template-source.ts'
import { isThenable } from './thenable.ts'

/** Returns values for the context of every template that is rendered with a request. */
export type ContextProcessor = (request: unknown) => ContextValues | Promise<ContextValues>

export type Reverse = TemplateEnvironment['reverse']

/** Where an engine finds templates, and what they can use. */
export interface EngineOptions {
  /** Folders with templates, looked through in order, after `loaders`. */
  readonly dirs?: readonly string[]
  readonly loaders?: readonly TemplateSource[]
  /** Where templates come from that neither `loaders` nor `dirs` have. */
  readonly fallbacks?: readonly TemplateSource[]
  /** Templates are read again when they have changed, and `{% debug %}` speaks. */
  readonly debug?: boolean
  readonly autoescape?: boolean
  /** What `{% load %}` knows, by name; `static` and `cache` are there always. */
  readonly libraries?: Readonly<Record<string, TagSet>>
  /** Libraries that every template has loaded. */
  readonly builtins?: readonly TagSet[]
  readonly contextProcessors?: readonly ContextProcessor[]
  /** Shown for what the context does not have; `%s` in it becomes the name. */
  readonly stringIfInvalid?: string
  /** For `{% url %}`. */
  readonly reverse?: Reverse
  /** For `{% static %}`: the prefix, or the function from path to URL. */
  readonly staticUrl?: string | ((path: string) => string)
  /** For `{% get_static_prefix %}`; `staticUrl` when that is a prefix. */
  readonly staticPrefix?: string
  readonly mediaUrl?: string
  /** For `{% cache %}`; without it fragments are rendered each time. */
  readonly fragmentCache?: (alias: string | null) => FragmentCache
  /** The token for `{% csrf_token %}`; asked only by templates that use it. */
  readonly csrfToken?: (request: unknown) => string | undefined | Promise<string | undefined>
  /** IANA name of the zone that dates are shown in, or what knows it each time. Default UTC. */
  readonly timeZone?: string | (() => string)
  readonly now?: () => Date
  readonly random?: () => number
  /** Told the name and the milliseconds of every rendering. */
  readonly onRender?: (name: string, ms: number) => void
}

interface Cached {
  readonly template: Template
  readonly source: TemplateSource
  readonly version: string | undefined
}

const NOTHING_SKIPPED: readonly string[] = []

/** Finds templates, compiles them once, and knows what they need to render. */
export class Engine implements TemplateEnvironment, RenderHost {
  readonly debug: boolean
  readonly stringIfInvalid: string
  readonly settings: RenderSettings
  readonly builtins: readonly TagSet[]
  readonly libraries: ReadonlyMap<string, TagSet>
  readonly staticPrefix: string
  readonly mediaPrefix: string
  onRender: ((name: string, ms: number) => void) | undefined
  readonly #sources: readonly TemplateSource[]
  readonly #processors: readonly ContextProcessor[]
  readonly #options: EngineOptions
  readonly #cache = new Map<string, Cached>()

  constructor(options: EngineOptions = {}) {
    this.#options = options
    this.debug = options.debug ?? false
    this.stringIfInvalid = options.stringIfInvalid ?? ''
    const { timeZone = DEFAULT_RENDER_SETTINGS.timeZone } = options
    this.settings = {
      autoescape: options.autoescape ?? true,
      get timeZone() {
        return typeof timeZone === 'string' ? timeZone : timeZone()
      },
      now: options.now ?? DEFAULT_RENDER_SETTINGS.now,
      random: options.random ?? DEFAULT_RENDER_SETTINGS.random,
    }
    this.builtins = [defaultTags, defaultFilters, ...(options.builtins ?? [])]
    this.libraries = new Map<string, TagSet>([
      ['static', staticLibrary],
      ['cache', cacheLibrary],
      ...Object.entries(options.libraries ?? {}),
    ])
    this.staticPrefix =
      options.staticPrefix ?? (typeof options.staticUrl === 'string' ? options.staticUrl : '')
    this.mediaPrefix = options.mediaUrl ?? ''
    this.onRender = options.onRender
    const folders = (options.dirs ?? []).map((dir) => new TemplateDirectory(dir))
    this.#sources = [...(options.loaders ?? []), ...folders, ...(options.fallbacks ?? [])]
    this.#processors = options.contextProcessors ?? []
  }

  /** @throws TemplateDoesNotExist, TemplateSyntaxError */
  getTemplate(name: string): Template {
    return this.findTemplate(name, [])
  }

  selectTemplate(names: readonly string[]): Template {
    const missing = new Set<string>()
    for (const name of names) {
      try {
        return this.getTemplate(name)
      } catch (error) {
        if (!(error instanceof TemplateDoesNotExist)) throw error
        missing.add(error.templateName)
      }
    }
    throw new TemplateDoesNotExist(
      names.length === 0 ? 'No template names provided' : [...missing].join(', '),
    )
  }

  /** A template whose text was not loaded. */
  fromString(source: string): Template {
    return new Template(source, { name: '<unknown source>', templateName: undefined }, this, this)
  }

  findTemplate(name: string, skip: readonly Origin[]): Template {
    let skipped = NOTHING_SKIPPED
    for (const origin of skip) if (origin.templateName === name) skipped = [...skipped, origin.name]
    const key = skipped.length === 0 ? name : [name, ...skipped].join('\0')
    const cached = this.#cache.get(key)
    if (cached && !this.debug) return cached.template
    const found = this.#load(name, skipped, cached)
    this.#cache.set(key, found)
    return found.template
  }

  /** What was compiled before serves again as long as it is still the first of its name, and unchanged. */
  #load(name: string, skipped: readonly string[], cached: Cached | undefined): Cached {
    const tried: [string, string][] = []
    for (const source of isTemplateName(name) ? this.#sources : []) {
      const place = source.locate(name)
      if (skipped.includes(place)) {
        tried.push([place, 'Skipped to avoid recursion'])
        continue
      }
      const version = source.version?.(name)
      if (cached?.source === source && cached.version === version) return cached
      const text = source.read(name)
      if (text !== undefined) {
        return {
          template: new Template(text, { name: place, templateName: name }, this, this),
          source,
          version,
        }
      }
      tried.push([place, 'Source does not exist'])
    }
    throw new TemplateDoesNotExist(name, tried)
  }

  reverse(...[name, args, kwargs, request]: Parameters<Reverse>): string | Promise<string> {
    const { reverse } = this.#options
    if (!reverse) throw new Error("{% url %} needs the engine's option `reverse`")
    return reverse(name, args, kwargs, request)
  }

  staticUrl(path: string): string {
    const { staticUrl } = this.#options
    return typeof staticUrl === 'function' ? staticUrl(path) : this.staticPrefix + quote(path)
  }

  fragmentCache(alias: string | null): FragmentCache | null {
    return this.#options.fragmentCache?.(alias) ?? null
  }

  /** The caller's values lie over those of the processors, which are asked only when there is a request. */
  makeContext(values: ContextValues | Context | undefined, request: unknown): Context | Promise<Context> {
    if (values instanceof Context) return values
    const context = new Context(undefined, this.settings, request)
    if (request === undefined || request === null) {
      if (values) context.pushValues(values)
      return context
    }
    const { csrfToken } = this.#options
    if (csrfToken) context.pushValues({ csrf_token: () => csrfToken(request) })
    return this.#process(context, values, request, 0)
  }

  #process(
    context: Context,
    values: ContextValues | undefined,
    request: unknown,
    from: number,
  ): Context | Promise<Context> {
    for (let i = from; i < this.#processors.length; i++) {
      const more = this.#processors[i]?.(request)
      if (isThenable(more)) {
        return Promise.resolve(more).then((settled) => {
          context.pushValues(settled)
          return this.#process(context, values, request, i + 1)
        })
      }
      if (more) context.pushValues(more)
    }
    if (values) context.pushValues(values)
    return context
  }
}
