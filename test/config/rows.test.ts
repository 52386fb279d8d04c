import { describe, expect, expectTypeOf, it } from 'vitest'
import { readOffset, readUnlessOff } from '../../src/config/arguments.ts'
import { bindConfig, type BoundConfig } from '../../src/config/bind.ts'
import type { ComplexValue } from '../../src/config/complex-value.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { DirectiveTable } from '../../src/config/directive-table.ts'
import type { AnyDirective, Directive } from '../../src/config/directive.ts'
import { parseConfig } from '../../src/config/parser.ts'
import {
  type Buffers,
  buffersRow,
  choiceRow,
  choicesRow,
  complexPathRow,
  complexValueRow,
  flagRow,
  keyValueRow,
  listRow,
  millisecondsRow,
  numberRow,
  offsetRow,
  pathRow,
  secondsRow,
  sizeRow,
  textRow,
  valueRow,
} from '../../src/config/rows.ts'
import { readText } from '../../src/config/arguments.ts'

const spec = <N extends string>(name: N): { name: N; contexts: readonly ['main']; doc: string } => ({
  name,
  contexts: ['main'],
  doc: 'For the test.',
})

const flag = flagRow({ ...spec('flag'), default: false })
const text = textRow({ ...spec('text'), default: undefined })
const number = numberRow({ ...spec('number'), default: 3 })
const bounded = numberRow({ ...spec('bounded'), default: 3 }, { min: 2, max: 5 })
const atLeast = numberRow({ ...spec('at_least'), default: 3 }, { min: 2 })
const size = sizeRow({ ...spec('size'), default: 1024, defaultText: '1k' })
const offset = offsetRow({ ...spec('offset'), default: 0 })
const ms = millisecondsRow({ ...spec('ms'), default: 0 })
const seconds = secondsRow({ ...spec('seconds'), default: 0 })
const choice = choiceRow({ ...spec('choice'), default: 'one' }, ['one', 'Two'])
const choices = choicesRow({ ...spec('choices'), default: new Set(['a'] as const) }, ['a', 'b', 'c'])
const confPath = pathRow({ ...spec('conf_path'), default: undefined }, 'conf')
const prefixPath = pathRow({ ...spec('prefix_path'), default: 'html' }, 'prefix')
const complex = complexValueRow({ ...spec('complex'), default: undefined })
const complexPath = complexPathRow({ ...spec('complex_path'), default: undefined }, 'prefix')
const buffers = buffersRow({ ...spec('buffers'), default: { count: 1, size: 1 } })
const pairs = keyValueRow(spec('pairs'))
const list = listRow(spec('list'), 'word', readText)
const limit = valueRow({ ...spec('limit'), default: 'off' }, 'size | off', readUnlessOff(readOffset))

const ROWS: readonly AnyDirective[] = [
  flag,
  text,
  number,
  bounded,
  atLeast,
  size,
  offset,
  ms,
  seconds,
  choice,
  choices,
  confPath,
  prefixPath,
  complex,
  complexPath,
  buffers,
  pairs,
  list,
  limit,
]

function bind(source: string): BoundConfig {
  const { statements } = parseConfig(source, { file: '/etc/p.conf' })
  return bindConfig(statements, new DirectiveTable(ROWS), { prefix: '/srv', confPath: '/etc/p.conf' })
}

describe('values', () => {
  it.each<[string, Directive<unknown>, unknown]>([
    ['flag on;', flag, true],
    ['flag OFF;', flag, false],
    ['text "a b";', text, 'a b'],
    ['number 007;', number, 7],
    ['bounded 5;', bounded, 5],
    ['at_least 900;', atLeast, 900],
    ['size 8k;', size, 8192],
    ['offset 2g;', offset, 2 * 1024 ** 3],
    ['ms "1h 30m";', ms, 5_400_000],
    ['seconds 1M;', seconds, 2_592_000],
    ['choice TWO;', choice, 'Two'],
    ['choices b A;', choices, new Set(['b', 'a'])],
    ['choices b; choices c;', choices, new Set(['b', 'c'])],
    ['conf_path x;', confPath, '/etc/x'],
    ['conf_path /x;', confPath, '/x'],
    ['prefix_path x/;', prefixPath, '/srv/x/'],
    ['buffers 4 8k;', buffers, { count: 4, size: 8192 }],
    ['limit off;', limit, 'off'],
    ['limit 1g;', limit, 1024 ** 3],
    ['', text, undefined],
    ['', number, 3],
  ])('%j', (source, directive, expected) => {
    expect(bind(source).main.get(directive)).toEqual(expected)
  })

  it('with variables', () => {
    const { main } = bind('complex a$b; complex_path w/$host; pairs X-A $b; pairs X-B "";')
    expect(main.get(complex)?.source).toBe('a$b')
    expect(main.get(complexPath)?.parts.map((part) => part.kind)).toEqual(['literal', 'variable'])
    expect(main.get(complexPath)?.source).toBe('/srv/w/$host')
    expect(main.list(pairs).map((pair) => [pair.key, pair.value.source])).toEqual([
      ['X-A', '$b'],
      ['X-B', ''],
    ])
    expect(bind('complex_path $root/x;').main.get(complexPath)?.source).toBe('$root/x')
  })

  it('of lists', () => {
    expect(bind('list a; list b;').main.list(list)).toEqual(['a', 'b'])
  })

  it('have the types of their rows', () => {
    expectTypeOf(choice).toEqualTypeOf<Directive<'one' | 'Two'>>()
    expectTypeOf(choices).toEqualTypeOf<Directive<ReadonlySet<'a' | 'b' | 'c'>>>()
    expectTypeOf(text).toEqualTypeOf<Directive<string | undefined>>()
    expectTypeOf(prefixPath).toEqualTypeOf<Directive<string>>()
    expectTypeOf(complex).toEqualTypeOf<Directive<ComplexValue | undefined>>()
    expectTypeOf(buffers).toEqualTypeOf<Directive<Buffers>>()
    expectTypeOf(limit).toEqualTypeOf<Directive<number | 'off'>>()
  })

  it('derive the text of their default', () => {
    expect([flag, number, choice, choices, size].map((row) => row.defaultText)).toEqual([
      'off',
      '3',
      'one',
      'a',
      '1k',
    ])
  })
})

describe('refusals', () => {
  it.each([
    ['flag yes;', 'invalid value "yes" in "flag" directive, it must be "on" or "off"'],
    ['flag on; flag on;', '"flag" directive is duplicate'],
    ['flag;', 'invalid number of arguments in "flag" directive'],
    ['number 1k;', '"number" directive invalid number'],
    ['number -1;', '"number" directive invalid number'],
    ['number 9007199254740993;', '"number" directive invalid number'],
    ['bounded 6;', 'value must be between 2 and 5'],
    ['at_least 1;', 'value must be equal to or greater than 2'],
    ['size 1g;', '"size" directive invalid value'],
    ['size off;', '"size" directive invalid value'],
    ['offset 1t;', '"offset" directive invalid value'],
    ['offset 99999999g;', '"offset" directive invalid value'],
    ['ms 1y;', '"ms" directive invalid value'],
    ['seconds 1ms;', '"seconds" directive invalid value'],
    ['choice three;', 'invalid value "three"'],
    ['choices a d;', 'invalid value "d"'],
    ['choices;', 'invalid number of arguments in "choices" directive'],
    ['buffers 0 1k;', '"buffers" directive invalid value'],
    ['buffers x 1k;', '"buffers" directive invalid value'],
    ['buffers 1 0;', '"buffers" directive invalid value'],
    ['buffers 1 x;', '"buffers" directive invalid value'],
    ['complex $;', 'invalid variable name'],
    ['pairs a ${;', 'invalid variable name'],
    ['limit 1x;', '"limit" directive invalid value'],
  ])('%j', (source, message) => {
    let refusal: unknown
    try {
      bind(`\n${source}`)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(String(refusal)).toBe(`[emerg] ${message} in /etc/p.conf:2`)
  })

  it('warns of a value given twice', () => {
    expect(bind('choices a A;').warnings.map(String)).toEqual(['[warn] duplicate value "A" in /etc/p.conf:1'])
  })
})
