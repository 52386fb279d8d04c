import { describe, expect, it } from 'vitest'
import type { Statement } from '../../src/config/ast.ts'
import { bindConfig } from '../../src/config/bind.ts'
import { dumpConfig } from '../../src/config/dump.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Scope } from '../../src/config/scope.ts'
import { type Fence, type GoldenCase, parseGolden, readGolden } from '../support/golden.ts'
import { MemorySource } from '../support/memory-source.ts'
import { NGINX_TABLE, refusalOf } from '../support/nginx-rows.ts'

const FOLDER = new URL('./conf/', import.meta.url).pathname

/** `name word "quoted word"`, with its block as an array. Words are JSON strings where they were quoted. */
function written(statement: Statement): unknown {
  const words = [
    statement.name,
    ...statement.args.map((word) => (word.quoted ? JSON.stringify(word.text) : word.text)),
  ]
  const text = `${statement.line}: ${words.join(' ')}`
  return statement.block ? { [text]: statement.block.map(written) } : text
}

/** Name and value of each statement, blocks as arrays. */
function bound(scope: Scope): unknown {
  return scope.bound.map(({ directive, value, scope: inner }) => {
    const shown: unknown = value instanceof Set ? Array.from(value) : value
    return inner ? { [directive.name]: shown, block: bound(inner) } : { [directive.name]: shown }
  })
}

function outcome({ fences }: GoldenCase, expected: Fence): string | undefined {
  const files = fences.filter((fence) => fence.language === 'nginx')
  const named = files.map((fence, index) => [`/c/${index === 0 ? 'main' : fence.label}`, fence.text] as const)
  let result: unknown
  const refusal = refusalOf(() => {
    const loaded = loadConfig('/c/main', new MemorySource(Object.fromEntries(named)))
    if (expected.label === 'tree') result = loaded.statements.map(written)
    else if (expected.label === 'dump') result = dumpConfig(loaded.files)
    else {
      const { main, warnings } = bindConfig(loaded.statements, NGINX_TABLE, {
        prefix: '/p/',
        confPath: '/c/main',
      })
      result = expected.label === 'warnings' ? warnings.join('\n') : bound(main)
    }
  })
  if (refusal !== undefined) return refusal
  // as JSON keeps it, so that a formatter may lay out what is expected
  return expected.language === 'json' ? JSON.stringify(result) : String(result)
}

describe.each(Array.from(readGolden(FOLDER)))('%s', (_, cases) => {
  it.each(cases.map((one) => [one.title, one] as const))('%s', (_title, one) => {
    const results = one.fences.filter((fence) => fence.language !== 'nginx')
    expect(results.length).toBeGreaterThan(0)
    for (const result of results) {
      const expected = result.language === 'json' ? JSON.stringify(JSON.parse(result.text)) : result.text
      expect(outcome(one, result)).toBe(expected)
    }
  })
})

describe('golden files', () => {
  it('are read whole', () => {
    const [one, ...others] = parseGolden(
      '# t\n\n## a b\nprose\n```nginx x y\nc;\n\nd;\n```\n```json\n[]\n```\n',
    )
    expect(others).toEqual([])
    expect(one).toEqual({
      title: 'a b',
      fences: [
        { language: 'nginx', label: 'x y', text: 'c;\n\nd;' },
        { language: 'json', label: '', text: '[]' },
      ],
    })
    expect(() => parseGolden('## a\n```json\n[]\n')).toThrow('golden case "a"')
    expect(() => parseGolden('## a\nnothing\n')).toThrow('golden case "a"')
  })
})
