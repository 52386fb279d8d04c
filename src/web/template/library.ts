import type { Context } from './context.ts'
import { defineFilter, type Filter, type FilterFunction, type FilterOptions } from './filter.ts'
import { pythonString } from './python/string.ts'
import { isHtmlSafe } from './safe-string.ts'
import type { CompileFunction, TagSet } from './tag-parser.ts'
import { inclusionTag, type InclusionFunction } from './tags/inclusion-tag.ts'
import { simpleTag, type SimpleTagFunction } from './tags/simple-tag.ts'
import type { TagFunctionOptions } from './tags/tag-arguments.ts'

/** A filter of text: what is no string is made one before. */
export type TextFilterFunction = (
  text: string,
  argument: unknown,
  context: Context,
  isSafeInput: boolean,
) => unknown

/** A filter that gets its input as a string, and is told whether that was safe HTML. */
function textFilter(apply: TextFilterFunction): FilterFunction {
  return (value, argument, context) =>
    typeof value === 'string'
      ? apply(value, argument, context, false)
      : apply(pythonString(value), argument, context, isHtmlSafe(value))
}

/** Tags and filters that templates get by `{% load %}`, or all templates when it is one of the engine's builtins. */
export class Library implements TagSet {
  readonly tags = new Map<string, CompileFunction>()
  readonly filters = new Map<string, Filter>()

  /** A tag with a syntax of its own. */
  tag(name: string, compile: CompileFunction): this {
    this.tags.set(name, compile)
    return this
  }

  registerFilter(name: string, apply: FilterFunction, options?: FilterOptions): this {
    this.filters.set(name, defineFilter(name, apply, options))
    return this
  }

  /** As `registerFilter`, for functions of a string. */
  registerTextFilter(name: string, apply: TextFilterFunction, options: FilterOptions = {}): this {
    const argument = options.argument ?? (apply.length >= 2 ? 'required' : 'optional')
    return this.registerFilter(name, textFilter(apply), { ...options, argument })
  }

  /** A tag that shows what a function returns, escaped, or with `as name` keeps it in the context. */
  simpleTag(name: string, apply: SimpleTagFunction, options?: TagFunctionOptions): this {
    return this.tag(name, simpleTag(name, apply, options))
  }

  /** A tag that renders another template with the values that a function returns. */
  inclusionTag(
    name: string,
    template: string | readonly string[],
    apply: InclusionFunction,
    options?: TagFunctionOptions,
  ): this {
    return this.tag(name, inclusionTag(name, template, apply, options))
  }
}
