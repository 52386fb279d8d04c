import type { Context, Rendered } from '../context.ts'
import { formatAs } from '../dates/formats.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { isTruthy } from '../python/compare.ts'
import { roundHalfEven, toFloat, toInteger } from '../python/number.ts'
import { prettyPrint } from '../python/pretty-print.ts'
import { pythonString } from '../python/string.ts'
import { renderValue } from '../render-value.ts'
import { escapeHtml, htmlOf, SafeString } from '../safe-string.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { TemplateSyntaxError, VariableDoesNotExist } from '../template-error.ts'
import { chain, isThenable, resolveAll } from '../thenable.ts'
import { resolverOf } from './tag-arguments.ts'
import { loremParagraphs, loremWords } from './lorem.ts'

/** `{% firstof a b "c" %}`, with `as name` */
export const firstofTag: CompileFunction = (parser, token) => {
  const words = token.splitContents().slice(1)
  if (words.length === 0) throw new TemplateSyntaxError("'firstof' statement requires at least one argument")
  const target = words.length >= 2 && words.at(-2) === 'as' ? words.splice(-2)[1] : undefined
  const choices = words.map((word) => parser.compileFilter(word))
  const show = (value: unknown, context: Context): string => {
    const text = value === undefined ? '' : renderValue(value, context)
    if (target === undefined) return text
    context.set(target, context.autoescape ? new SafeString(text) : text)
    return ''
  }
  return (context) => chain(firstTruthy(choices, 0, context), context, show)
}

function firstTruthy(choices: readonly FilterExpression[], from: number, context: Context): unknown {
  for (let i = from; i < choices.length; i++) {
    const value = choices[i]?.resolveOrNull(context)
    if (isThenable(value)) {
      return Promise.resolve(value).then((settled) =>
        isTruthy(settled) ? settled : firstTruthy(choices, i + 1, context),
      )
    }
    if (isTruthy(value)) return value
  }
  return undefined
}

/** `{% now "Y" %}`, with `as name` */
export const nowTag: CompileFunction = (_parser, token) => {
  const words = token.splitContents()
  const target = words.length === 4 && words[2] === 'as' ? words.splice(2)[1] : undefined
  if (words.length !== 2) throw new TemplateSyntaxError("'now' statement takes one argument")
  const format = (words[1] ?? '').slice(1, -1) || 'DATE_FORMAT'
  return (context) => {
    const { now, timeZone } = context.settings
    const text = formatAs(now(), format, timeZone)
    if (target === undefined) return text
    context.set(target, text)
    return ''
  }
}

/** `{% lorem 3 p random %}` */
export const loremTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  const tag = words.shift() ?? ''
  const isRandom = words.at(-1) === 'random'
  if (isRandom) words.pop()
  const method = ['w', 'p', 'b'].includes(words.at(-1) ?? '') ? words.pop() : 'b'
  const count = parser.compileFilter(words.pop() ?? '1')
  if (words.length > 0) throw new TemplateSyntaxError(`Incorrect format for '${tag}' tag`)
  const show = (value: unknown, context: Context): string => {
    const number = toInteger(value) ?? 1
    const { random } = context.settings
    if (method === 'w') return loremWords(number, !isRandom, random)
    const paragraphs = loremParagraphs(number, !isRandom, random)
    return paragraphs.map((text) => (method === 'p' ? `<p>${text}</p>` : text)).join('\n\n')
  }
  return (context) => chain(count.resolve(context), context, show)
}

const TEMPLATE_BITS: ReadonlyMap<string, string> = new Map([
  ['openblock', '{%'],
  ['closeblock', '%}'],
  ['openvariable', '{{'],
  ['closevariable', '}}'],
  ['openbrace', '{'],
  ['closebrace', '}'],
  ['opencomment', '{#'],
  ['closecomment', '#}'],
])

/** `{% templatetag openblock %}` */
export const templatetagTag: CompileFunction = (_parser, token) => {
  const words = token.contents.split(/\s+/)
  if (words.length !== 2) throw new TemplateSyntaxError("'templatetag' statement takes one argument")
  const text = TEMPLATE_BITS.get(words[1] ?? '')
  if (text === undefined) {
    const names = Array.from(TEMPLATE_BITS.keys(), (name) => `'${name}'`).join(', ')
    throw new TemplateSyntaxError(
      `Invalid templatetag argument: '${words[1] ?? ''}'. Must be one of: [${names}]`,
    )
  }
  return () => text
}

/** `{% widthratio value max width %}`, with `as name` */
export const widthratioTag: CompileFunction = (parser, token) => {
  const [, value = '', max = '', width = '', as, target, ...rest] = token.splitContents()
  const isComplete = width !== '' && rest.length === 0 && (as === undefined || target !== undefined)
  if (!isComplete) throw new TemplateSyntaxError('widthratio takes at least three arguments')
  if (as !== undefined && as !== 'as') {
    throw new TemplateSyntaxError("Invalid syntax in widthratio tag. Expecting 'as' keyword")
  }
  const resolvers = [value, max, width].map((word) => resolverOf(parser.compileFilter(word)))
  const show = (values: unknown, context: Context): string => {
    const text = ratioText(Array.isArray(values) ? values : [])
    if (target === undefined) return text
    context.set(target, text)
    return ''
  }
  return (context) => {
    try {
      return chain(resolveAll(resolvers, context), context, show)
    } catch (error) {
      if (error instanceof VariableDoesNotExist) return ''
      throw error
    }
  }
}

function ratioText([value, max, width]: readonly unknown[]): string {
  const scale = toInteger(width)
  if (scale === undefined) throw new TemplateSyntaxError('widthratio final argument must be a number')
  const [part, whole] = [toFloat(value), toFloat(max)]
  if (part === undefined || whole === undefined) return ''
  if (whole === 0) return '0'
  const ratio = (part / whole) * scale
  return Number.isFinite(ratio) ? String(roundHalfEven(ratio) + 0) : ''
}

/** `{% csrf_token %}`: the hidden field for the token of the request. */
export const csrfTokenTag: CompileFunction = (parser) => {
  const token = parser.compileFilter('csrf_token')
  const show = (value: unknown): string => {
    if (!isTruthy(value) || pythonString(value) === 'NOTPROVIDED') return ''
    return `<input type="hidden" name="csrfmiddlewaretoken" value="${htmlOf(value)}">`
  }
  return (context): Rendered => chain(token.resolveOrNull(context), context, show)
}

/** `{% debug %}`: what the template sees; nothing unless the engine is in debug mode. */
export const debugTag: CompileFunction = ({ environment }) => {
  return (context) => (environment.debug ? escapeHtml(prettyPrint(context.flatten())) : '')
}
