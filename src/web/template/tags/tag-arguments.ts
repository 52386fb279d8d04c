import type { Context } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import type { TagParser } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { resolveAll, type Resolver } from '../thenable.ts'

export interface TagFunctionOptions {
  /** The function gets the context as its first argument. */
  readonly takesContext?: boolean
  /**
   * Names of the parameters, in order, without the context: keywords can then be used for them and are checked. Those
   * with a `?` at the end may be left out. Without names, keywords arrive together as an object in the last argument.
   */
  readonly parameters?: readonly string[]
}

/** `name=expression` */
const KEYWORD = /^(?:([\p{L}\p{N}_]+)=)?(.+)$/u

export interface Keyword {
  readonly name: string | undefined
  readonly value: string
}

/** A word of a tag as keyword and value; the keyword is missing for positional arguments. */
export function keywordOf(word: string): Keyword {
  const match = KEYWORD.exec(word)
  return { name: match?.[1], value: match?.[2] ?? word }
}

/**
 * Takes `name=value` words off the front of `words`. With `legacy`, also `value as name and value as name`.
 */
export function takeKeywords(
  words: string[],
  parser: TagParser,
  legacy = false,
): Map<string, FilterExpression> {
  const taken = new Map<string, FilterExpression>()
  const isKeywordForm = words[0] !== undefined && keywordOf(words[0]).name !== undefined
  if (!isKeywordForm && !(legacy && words.length >= 3 && words[1] === 'as')) return taken
  while (words.length > 0) {
    const pair = isKeywordForm ? takeKeyword(words) : takeLegacy(words)
    if (!pair) return taken
    taken.set(pair.name, parser.compileFilter(pair.value))
    if (!isKeywordForm && words.length > 0 && words.shift() !== 'and') {
      throw new TemplateSyntaxError("'with' expects 'and' between assignments")
    }
  }
  return taken
}

function takeKeyword(words: string[]): { readonly name: string; readonly value: string } | undefined {
  const { name, value } = keywordOf(words[0] ?? '')
  if (name === undefined) return undefined
  words.shift()
  return { name, value }
}

function takeLegacy(words: string[]): { readonly name: string; readonly value: string } | undefined {
  if (words.length < 3 || words[1] !== 'as') return undefined
  const [value = '', , name = ''] = words.splice(0, 3)
  return { name, value }
}

export function resolverOf(expression: FilterExpression): Resolver {
  return expression.resolve
}

/** Computes the arguments that a tag's function is called with, without the context. */
export type ArgumentsOf = (context: Context) => unknown[] | Promise<unknown[]>

/** Compiles the words of a tag to the arguments of its function. */
export function compileArguments(
  tagName: string,
  words: readonly string[],
  parser: TagParser,
  parameters: readonly string[] | undefined,
): ArgumentsOf {
  const positional: FilterExpression[] = []
  const keywords = new Map<string, FilterExpression>()
  for (const word of words) {
    const { name, value } = keywordOf(word)
    if (name === undefined) {
      if (keywords.size > 0) {
        throw new TemplateSyntaxError(
          `'${tagName}' received some positional argument(s) after some keyword argument(s)`,
        )
      }
      positional.push(parser.compileFilter(word))
    } else if (keywords.has(name)) {
      throw new TemplateSyntaxError(`'${tagName}' received multiple values for keyword argument '${name}'`)
    } else {
      keywords.set(name, parser.compileFilter(value))
    }
  }
  return parameters
    ? namedArguments(tagName, positional, keywords, parameters)
    : trailingKeywords(positional, keywords)
}

function namedArguments(
  tagName: string,
  positional: readonly FilterExpression[],
  keywords: ReadonlyMap<string, FilterExpression>,
  parameters: readonly string[],
): ArgumentsOf {
  const names = parameters.map((parameter) => parameter.replace(/\?$/, ''))
  if (positional.length > names.length) {
    throw new TemplateSyntaxError(`'${tagName}' received too many positional arguments`)
  }
  for (const name of keywords.keys()) {
    const at = names.indexOf(name)
    if (at < 0) throw new TemplateSyntaxError(`'${tagName}' received unexpected keyword argument '${name}'`)
    if (at < positional.length) {
      throw new TemplateSyntaxError(`'${tagName}' received multiple values for keyword argument '${name}'`)
    }
  }
  const given = names.map((name, i) => positional[i] ?? keywords.get(name))
  const missing = names.filter((_, i) => given[i] === undefined && !parameters[i]?.endsWith('?'))
  if (missing.length > 0) {
    const list = missing.map((name) => `'${name}'`).join(', ')
    throw new TemplateSyntaxError(`'${tagName}' did not receive value(s) for the argument(s): ${list}`)
  }
  const resolvers = given.map(
    (expression): Resolver =>
      (context) =>
        expression?.resolve(context),
  )
  return (context) => resolveAll(resolvers, context)
}

function trailingKeywords(
  positional: readonly FilterExpression[],
  keywords: ReadonlyMap<string, FilterExpression>,
): ArgumentsOf {
  const resolvers = [...positional, ...keywords.values()].map(resolverOf)
  if (keywords.size === 0) return (context) => resolveAll(resolvers, context)
  const names = [...keywords.keys()]
  const gather = (values: unknown[]): unknown[] => {
    const named = names.map((name, i): [string, unknown] => [name, values[positional.length + i]])
    return [...values.slice(0, positional.length), Object.fromEntries(named)]
  }
  return (context) => {
    const values = resolveAll(resolvers, context)
    return values instanceof Promise ? values.then(gather) : gather(values)
  }
}
