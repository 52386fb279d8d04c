import type { Context } from '../context.ts'
import { htmlOf } from '../safe-string.ts'
import { pythonString } from '../python/string.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { chain } from '../thenable.ts'
import { compileArguments, type TagFunctionOptions } from './tag-arguments.ts'

/** Its arguments are those of the tag, after the context where it is taken; the result may be a promise. */
export type SimpleTagFunction = (...args: never[]) => unknown

/** Calls a function with arguments that only the template's author knows the types of. */
export function callTagFunction(
  apply: SimpleTagFunction,
  args: readonly unknown[],
  context: Context,
  takesContext: boolean,
): unknown {
  return Reflect.apply(apply, undefined, takesContext ? [context, ...args] : args)
}

export function simpleTag(
  name: string,
  apply: SimpleTagFunction,
  options: TagFunctionOptions = {},
): CompileFunction {
  const takesContext = options.takesContext === true
  return (parser, token) => {
    const words = token.splitContents().slice(1)
    const target = words.length >= 2 && words.at(-2) === 'as' ? words.splice(-2)[1] : undefined
    const argumentsOf = compileArguments(name, words, parser, options.parameters)
    const show = (output: unknown, context: Context): string => {
      if (target === undefined) return context.autoescape ? htmlOf(output) : pythonString(output)
      context.set(target, output)
      return ''
    }
    const call = (args: unknown, context: Context): string | Promise<string> =>
      chain(callTagFunction(apply, Array.isArray(args) ? args : [], context, takesContext), context, show)
    return (context) => chain(argumentsOf(context), context, call)
  }
}
