import { describe, expect, it } from 'vitest'
import type { Statement } from '../../src/config/ast.ts'
import { COMMAND_LINE, MAX_DEPTH, parseConfig } from '../../src/config/parser.ts'

const FILE = '/c'

function parse(text: string): readonly Statement[] {
  return parseConfig(text, { file: FILE }).statements
}

/** The fault of a tree and the names of the blocks it stands in. */
function faultOf(statements: readonly Statement[], path: readonly string[] = []): string | undefined {
  const last = statements.at(-1)
  if (!last) return undefined
  if (last.error !== undefined) return `${path.join('/')}:${last.line} ${last.error}`
  return last.block && faultOf(last.block, [...path, last.name])
}

describe('parser', () => {
  it('gives statements and blocks with file and line', () => {
    expect(parse('a b "c";\nd {\n e;\n}\nf {}')).toEqual([
      {
        name: 'a',
        args: [
          { text: 'b', quoted: false },
          { text: 'c', quoted: true },
        ],
        file: FILE,
        line: 1,
      },
      {
        name: 'd',
        args: [],
        file: FILE,
        line: 2,
        block: [{ name: 'e', args: [], file: FILE, line: 3 }],
        endLine: 4,
      },
      { name: 'f', args: [], file: FILE, line: 5, block: [], endLine: 5 },
    ])
  })

  it('is plain JSON', () => {
    const statements = parse('a { b "c\xff" { d; } } e')
    expect(JSON.parse(JSON.stringify(statements))).toEqual(statements)
  })

  it.each([
    ['a;\n}', ':2 unexpected "}"'],
    ['a { b { } }\n}', ':2 unexpected "}"'],
    ['a {\n b {\n c;\n', 'a/b:4 unexpected end of file, expecting "}"'],
    ['a {\n b {\n c', 'a/b:3 unexpected end of file, expecting ";" or "}"'],
    ['a { b }', 'a:1 unexpected "}"'],
    ['a { "b"c; }', 'a:1 unexpected "c"'],
  ])('puts the fault of %j in its place', (text, expected) => {
    const parsed = parseConfig(text, { file: FILE })
    expect(parsed.failed).toBe(true)
    expect(faultOf(parsed.statements)).toBe(expected)
  })

  it('keeps what stands before a fault', () => {
    expect(parse('a; b { c; d }').map((one) => one.name)).toEqual(['a', 'b'])
    expect(parse('a; b { c; d }')[1]?.block?.map((one) => one.error ?? one.name)).toEqual([
      'c',
      'unexpected "}"',
    ])
  })

  it.each([
    ['a', 'unexpected end of parameter, expecting ";"'],
    ['a {}', 'block directives are not supported in -g option'],
    ['}', 'unexpected "}"'],
  ])('-g %j', (text, expected) => {
    expect(parseConfig(text, { file: COMMAND_LINE }).statements).toMatchObject([{ error: expected, line: 0 }])
  })

  it('refuses nesting that could exhaust a stack, at its line', () => {
    const deep = 'a {\n'.repeat(100_000)
    expect(faultOf(parse(deep))).toMatch(
      new RegExp(`:${MAX_DEPTH + 1} blocks are nested deeper than ${MAX_DEPTH} levels$`),
    )
    expect(faultOf(parse('a {'.repeat(MAX_DEPTH) + '}'.repeat(MAX_DEPTH)))).toBeUndefined()
  })

  it('counts statements over several texts', () => {
    const budget = { statements: 999_998 }
    expect(parseConfig('a;', { file: FILE, budget }).failed).toBe(false)
    expect(faultOf(parseConfig('b;\nc;', { file: FILE, budget }).statements)).toBe(
      ':2 more than 1000000 directives',
    )
  })
})
