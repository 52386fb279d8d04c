import type { Context, Render, RenderSettings, Rendered } from './context.ts'
import type { Filter } from './filter.ts'
import type { FilterExpression } from './filter-expression.ts'
import type { Origin } from './template-error.ts'
import type { Token } from './token.ts'

/** Turns a tag into what renders it. It may read further tokens: everything up to its end tag. */
export type CompileFunction = (parser: TagParser, token: Token) => Render

/** Tags and filters that a template can use together; see Library. */
export interface TagSet {
  readonly tags: ReadonlyMap<string, CompileFunction>
  readonly filters: ReadonlyMap<string, Filter>
}

/** A template as other templates see it. */
export interface LoadedTemplate {
  readonly name: string | undefined
  readonly origin: Origin
  /** Block bodies by name. */
  readonly blocks: ReadonlyMap<string, Render>
  /** Whether it extends another: then its blocks are not yet those of the root. */
  readonly isChild: boolean
  /** Renders in the midst of another rendering, with state of its own: for `include`. */
  renderWithin(context: Context): Rendered
  /** Renders with the state of the rendering that is under way: for `extends`. */
  renderBody(context: Context): Rendered
}

/** The part of a cache that `{% cache %}` calls. */
export interface FragmentCache {
  get(key: string): unknown
  /** @param options seconds; null is for ever */
  set(key: string, value: string, options: { readonly timeout: number | null }): unknown
}

/** What tags can ask of the engine that compiles them. */
export interface TemplateEnvironment {
  readonly debug: boolean
  readonly stringIfInvalid: string
  readonly settings: RenderSettings
  readonly builtins: readonly TagSet[]
  readonly libraries: ReadonlyMap<string, TagSet>
  /** @throws TemplateDoesNotExist, TemplateSyntaxError */
  getTemplate(name: string): LoadedTemplate
  /** The first of several that exists. */
  selectTemplate(names: readonly string[]): LoadedTemplate
  /** As `getTemplate`, passing over the origins given. */
  findTemplate(name: string, skip: readonly Origin[]): LoadedTemplate
  /** A view's URL. The request tells the namespace that the view is in. @throws an error named NoReverseMatch. */
  reverse(
    name: string,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
    request: unknown,
  ): string | Promise<string>
  /** The URL of a static file. */
  staticUrl(path: string): string
  /** Null alias: the one for fragments, else the default one. Null where there are no caches. */
  fragmentCache(alias: string | null): FragmentCache | null
  readonly staticPrefix: string
  readonly mediaPrefix: string
}

/** The parser as tags see it. */
export interface TagParser {
  readonly environment: TemplateEnvironment
  readonly origin: Origin
  /** Block bodies of the template, by name: `block` adds to them. */
  readonly blocks: Map<string, Render>
  /** What tags of one kind share while a template is compiled, such as the named cycles; under a key of theirs. */
  readonly shared: Map<object, unknown>
  /** Compiles up to the first tag with one of the names, which stays the next token; to the end without names. */
  parse(until?: readonly string[]): Render
  nextToken(): Token
  deleteFirstToken(): void
  /** Drops everything up to and including a tag. */
  skipPast(endTag: string): void
  compileFilter(source: string): FilterExpression
  findFilter(name: string): Filter
  addLibrary(library: TagSet): void
  /** @throws TemplateSyntaxError always. */
  invalidBlockTag(token: Token, command: string, until?: readonly string[]): never
  /** Says that the tag being compiled is an `extends`, which must come first and only once. */
  markChild(token: Token): void
}
