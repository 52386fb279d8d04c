/** The condition of `if`: a variable, a comparison, a match or a question about a file (ngx_http_rewrite_if_condition). */
import type { Word } from '../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../config/complex-value.ts'
import type { ParseContext } from '../config/directive.ts'
import { Pcre } from '../config/pcre.ts'

export type Condition =
  | { readonly kind: 'set'; readonly variable: ComplexValue }
  | {
      readonly kind: 'equal'
      readonly variable: ComplexValue
      readonly value: ComplexValue
      readonly negative: boolean
    }
  | {
      readonly kind: 'match'
      readonly variable: ComplexValue
      readonly regex: Pcre
      readonly negative: boolean
    }
  | {
      readonly kind: 'file'
      readonly test: FileTest
      readonly path: ComplexValue
      readonly negative: boolean
    }

export type FileTest = 'f' | 'd' | 'e' | 'x'

export function parseCondition(args: readonly Word[], at: ParseContext): Condition {
  const words = withoutParentheses(
    args.map((word) => word.text),
    at,
  )
  const [first = '', operator = '', operand = ''] = words
  if (first.length > 1 && first.startsWith('$')) {
    if (words.length !== 1 && words.length !== 3) at.fail(`invalid condition "${first}"`)
    return words.length === 1
      ? { kind: 'set', variable: variableOf(first) }
      : comparison(variableOf(first), operator, operand, at)
  }
  const test = /^(!?)-([fdex])$/.exec(first)
  if (!test) return at.fail(`invalid condition "${first}"`)
  if (words.length !== 2) at.fail(`invalid condition "${first}"`)
  return {
    kind: 'file',
    test: test[2] as FileTest,
    path: parseComplexValue(operator),
    negative: test[1] === '!',
  }
}

/** The words between `(` and `)`, which may stand alone or at the words beside them. */
function withoutParentheses(words: readonly string[], at: ParseContext): string[] {
  const first = words[0] ?? ''
  const last = words.at(-1) ?? ''
  if (first === '' || !first.startsWith('(')) return at.fail(`invalid condition "${first}"`)
  if (!last.endsWith(')')) return at.fail(`invalid condition "${last}"`)
  const inner = [...words]
  inner[0] = first.slice(1)
  inner[inner.length - 1] = (inner.at(-1) ?? '').slice(0, -1)
  if (inner[0] === '') inner.shift()
  if (inner.at(-1) === '' && inner.length > 1) inner.pop()
  return inner
}

/** A name and nothing else: text after it would never be looked at. */
function variableOf(text: string): ComplexValue {
  return parseComplexValue(`\${${text.slice(1)}}`)
}

function comparison(variable: ComplexValue, operator: string, operand: string, at: ParseContext): Condition {
  const negative = operator.startsWith('!')
  switch (operator) {
    case '=':
    case '!=':
      return { kind: 'equal', variable, value: parseComplexValue(operand), negative }
    case '~':
    case '!~':
    case '~*':
    case '!~*':
      return {
        kind: 'match',
        variable,
        regex: new Pcre(operand, { caseless: operator.endsWith('*') }),
        negative,
      }
    default:
      return at.fail(`unexpected "${operator}" in condition`)
  }
}
