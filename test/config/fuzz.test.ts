import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Statement } from '../../src/config/ast.ts'
import { bindConfig } from '../../src/config/bind.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { MAX_DEPTH, parseConfig } from '../../src/config/parser.ts'
import { printConfig } from '../../src/config/print.ts'
import { MemorySource } from '../support/memory-source.ts'
import { NGINX_TABLE } from '../support/nginx-rows.ts'

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array).toString('latin1'))

/** What has a meaning to the lexer, mixed with words of the table. */
const likely = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        'events',
        'http',
        'server',
        'location',
        'include',
        'sendfile',
        'on',
        'types',
        'root',
        '/x',
        '~',
        '1k',
      ],
      ...[
        ' ',
        ' ',
        '\n',
        '\r',
        '\t',
        ';',
        ';',
        '{',
        '{',
        '}',
        '}',
        '"',
        "'",
        '\\',
        '$',
        '${',
        '#',
        ')',
        '(',
        't',
        '*',
      ],
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

const anyText = fc.oneof(bytes, likely)

function flat(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((one) => [one, ...flat(one.block ?? [])])
}

describe('parsing anything', () => {
  it('gives a tree with at most one fault, the last statement of all', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { statements, failed } = parseConfig(text, { file: 'f' })
        const all = flat(statements)
        const faults = all.filter((one) => one.error !== undefined)
        expect(faults).toHaveLength(failed ? 1 : 0)
        if (failed) expect(all.at(-1)).toBe(faults[0])
      }),
      { numRuns: 3000 },
    )
  })

  it('gives lines that never go back and stay within the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const last = text.split('\n').length
        let line = 1
        for (const one of flat(parseConfig(text, { file: 'f' }).statements)) {
          // a long parameter alone is blamed on its first line; these texts have none
          expect(one.line).toBeGreaterThanOrEqual(line)
          expect(one.line).toBeLessThanOrEqual(last)
          line = one.line
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('loads and binds to a configuration or a ConfigError', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.option(anyText, { nil: '' }), (text, included, globals) => {
        const source = new MemorySource({ '/c/f': text, '/c/a': included, '/x': included })
        try {
          const { statements } = loadConfig('/c/f', source, { globals })
          bindConfig(statements, NGINX_TABLE, { prefix: '/p/', confPath: '/c/f' })
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

/** Names, words and blocks; whether a name was quoted is not kept. */
function content(statements: readonly Statement[]): unknown[] {
  return statements.map(({ name, args, block }) => ({ name, args, block: block && content(block) }))
}

describe('printing', () => {
  it('gives back what parses to the same tree', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseConfig(text, { file: 'f' })
        fc.pre(!parsed.failed)
        const again = parseConfig(printConfig(parsed.statements), { file: 'f' })
        expect(again.failed).toBe(false)
        expect(content(again.statements)).toEqual(content(parsed.statements))
      }),
      { numRuns: 3000 },
    )
  })

  const word = fc.record({
    text: fc.string({ unit: 'binary-ascii', maxLength: 20 }).filter((text) => !text.includes('\0')),
    quoted: fc.constant(true),
  })
  const tree = fc.letrec<{ statement: Statement }>((tie) => ({
    statement: fc.record(
      {
        name: fc.string({ unit: 'binary-ascii', maxLength: 10 }).filter((text) => !text.includes('\0')),
        args: fc.array(word, { maxLength: 3 }),
        file: fc.constant('f'),
        line: fc.constant(1),
        block: fc.array(tie('statement'), { maxLength: 2 }),
      },
      { requiredKeys: ['name', 'args', 'file', 'line'] },
    ),
  })).statement

  it('quotes any words', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (statements) => {
        expect(content(parseConfig(printConfig(statements), { file: 'f' }).statements)).toEqual(
          content(statements),
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('is read by people', () => {
    const text = 'a "b c" d\\;e; http{server{listen 80;root "x\\"y";}types{}}'
    expect(printConfig(parseConfig(text, { file: 'f' }).statements)).toBe(
      'a "b c" d\\;e;\nhttp {\n    server {\n        listen 80;\n        root "x\\"y";\n    }\n    types {\n    }\n}\n',
    )
  })
})

describe('bounds', () => {
  it('keep a tree of a million statements in seconds and a gigabyte', () => {
    const { statements, failed } = parseConfig('a b;'.repeat(999_999), { file: 'f' })
    expect([statements.length, failed]).toEqual([999_999, false])
  })

  it('let the deepest tree become JSON', () => {
    const { statements } = parseConfig('a{'.repeat(MAX_DEPTH) + '}'.repeat(MAX_DEPTH), { file: 'f' })
    expect(JSON.parse(JSON.stringify(statements))).toEqual(statements)
  })

  it('end 100 MB without a terminator at once', () => {
    const { statements } = parseConfig('a'.repeat(100_000_000), { file: 'f' })
    expect(statements).toMatchObject([{ error: 'too long parameter "aaaaaaaaaa..." started', line: 1 }])
  })
})
