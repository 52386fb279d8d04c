import type { Context, ContextValues, Rendered } from '../context.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { chain } from '../thenable.ts'
import { callTagFunction } from './simple-tag.ts'
import { compileArguments, type TagFunctionOptions } from './tag-arguments.ts'

/** Returns the values, or a promise of them, that the tag's template is rendered with. */
export type InclusionFunction = (...args: never[]) => ContextValues | Promise<ContextValues>

function isValues(value: unknown): value is ContextValues {
  return typeof value === 'object' && value !== null
}

export function inclusionTag(
  name: string,
  template: string | readonly string[],
  apply: InclusionFunction,
  options: TagFunctionOptions = {},
): CompileFunction {
  const takesContext = options.takesContext === true
  return (parser, token) => {
    const argumentsOf = compileArguments(name, token.splitContents().slice(1), parser, options.parameters)
    const { environment } = parser
    const render = (values: unknown, context: Context): Rendered => {
      const loaded =
        typeof template === 'string'
          ? environment.getTemplate(template)
          : environment.selectTemplate(template)
      const inner = context.isolated(isValues(values) ? values : {})
      // Such tags are often forms, which need the token of the page that they are on.
      const csrfToken = context.get('csrf_token')
      if (csrfToken !== undefined && csrfToken !== null) inner.set('csrf_token', csrfToken)
      return loaded.renderWithin(inner)
    }
    const call = (args: unknown, context: Context): Rendered =>
      chain(callTagFunction(apply, Array.isArray(args) ? args : [], context, takesContext), context, render)
    return (context) => chain(argumentsOf(context), context, call)
  }
}
