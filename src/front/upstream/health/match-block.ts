/**
 * `match name { }`: tests of a response, all of which have to hold.
 *
 *     status [!] code | from-to ...;
 *     header [!] name;    header name = | != text;    header name ~ | !~ regex;
 *     body ~ | !~ regex;
 *     require $variable ...;
 */
import type { Statement, Word } from '../../../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../../../config/complex-value.ts'
import type { ListDirective, ParseContext } from '../../../config/directive.ts'
import { Pcre } from '../../../config/pcre.ts'

export type ResponseTest =
  | {
      readonly kind: 'status'
      readonly not: boolean
      readonly ranges: readonly (readonly [number, number])[]
    }
  | {
      readonly kind: 'header'
      readonly not: boolean
      readonly name: string
      readonly value: ValueTest | undefined
    }
  | { readonly kind: 'body'; readonly value: ValueTest }
  | { readonly kind: 'require'; readonly values: readonly ComplexValue[]; readonly at: Statement }

interface ValueTest {
  readonly not: boolean
  readonly holds: (text: string) => boolean
}

export interface MatchRow {
  readonly name: string
  readonly tests: readonly ResponseTest[]
}

export const matchBlock: ListDirective<MatchRow> = {
  kind: 'list',
  name: 'match',
  contexts: ['http'],
  args: 1,
  entries: true,
  syntax: 'name { ... }',
  doc: 'Tests that a response to a health check has to pass: of its status, fields and body, and of variables.',
  parse: ([name], at) => ({
    name: name?.text ?? '',
    tests: (at.statement.block ?? []).map((entry) => readTest(entry, at)),
  }),
}

function readTest(entry: Statement, at: ParseContext): ResponseTest {
  const words = entry.args.map(textOf)
  switch (entry.name) {
    case 'status':
      return readStatus(words, entry, at)
    case 'header':
      return readHeader(words, entry, at)
    case 'body': {
      const value = words.length === 2 ? readPattern(words[0], words[1], entry, at) : undefined
      return { kind: 'body', value: value ?? at.fail('invalid "body" parameters', entry) }
    }
    case 'require':
      if (words.length === 0) at.fail('invalid number of arguments in "require" directive', entry)
      for (const text of words) if (!/^\$\w+$/.test(text)) at.fail(`invalid variable name "${text}"`, entry)
      return { kind: 'require', values: words.map(parseComplexValue), at: entry }
    default:
      return at.fail(`unknown directive "${entry.name}"`, entry)
  }
}

function textOf({ text }: Word): string {
  return text
}

function readStatus(words: readonly string[], entry: Statement, at: ParseContext): ResponseTest {
  const not = words[0] === '!'
  const ranges = words.slice(not ? 1 : 0).map((text): readonly [number, number] => {
    const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? []
    if (from === '' || Number(from) > Number(to)) at.fail(`invalid status "${text}"`, entry)
    return [Number(from), Number(to)]
  })
  if (ranges.length === 0) at.fail('invalid number of arguments in "status" directive', entry)
  return { kind: 'status', not, ranges }
}

function readHeader(words: readonly string[], entry: Statement, at: ParseContext): ResponseTest {
  const [first = '', operator, text] = words
  if (words.length === 1 && first !== '!')
    return { kind: 'header', not: false, name: first.toLowerCase(), value: undefined }
  if (words.length === 2 && first === '!' && operator !== undefined)
    return { kind: 'header', not: true, name: operator.toLowerCase(), value: undefined }
  if (words.length !== 3) at.fail('invalid "header" parameters', entry)
  const name = first.toLowerCase()
  if (operator === '=' || operator === '!=')
    return {
      kind: 'header',
      not: false,
      name,
      value: { not: operator === '!=', holds: (value) => value === text },
    }
  const value = readPattern(operator, text, entry, at)
  return { kind: 'header', not: false, name, value: value ?? at.fail('invalid "header" parameters', entry) }
}

function readPattern(
  operator: string | undefined,
  pattern = '',
  entry: Statement,
  at: ParseContext,
): ValueTest | undefined {
  if (operator === undefined || !/^!?~\*?$/.test(operator)) return undefined
  try {
    const regex = new Pcre(pattern, { caseless: operator.endsWith('*') })
    return { not: operator.startsWith('!'), holds: (text) => regex.test(text) }
  } catch (error) {
    return at.fail(error instanceof Error ? error.message : String(error), entry)
  }
}
