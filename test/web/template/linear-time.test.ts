import { describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { renderNow } from './support/render-now.ts'

const engine = new Engine()
const SIZE = 200_000

/** Milliseconds of the processor's time, which other processes of a busy machine do not add to. */
function cost(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

function compile(source: string): void {
  try {
    engine.fromString(source)
  } catch (error) {
    expect(error).toHaveProperty('name', 'TemplateSyntaxError')
  }
}

/** Text on which a careless implementation looks at everything again for every character. */
const HOSTILE: readonly (readonly [filter: string, piece: string, end?: string])[] = [
  ['striptags', '<'],
  ['striptags', '<a'],
  ['striptags', '<a href="', '>'],
  ['striptags', "<a b='", '>'],
  ['striptags', '<!--', '>'],
  ['striptags', '</a'],
  ['striptags', '<a ', '>'],
  ['striptags', '<<b>'],
  ['striptags', '<a =', '>'],
  ['striptags', '&', '<b>'],
  ['urlize', '(', 'a.b'],
  ['urlize', '['],
  ['urlize', 'a.', '('],
  ['urlize', 'http://a.com/', ';;'],
  ['urlize', '&amp;', '.com'],
  ['urlize', ';', 'a@b.com'],
  ['urlize', '.:!'],
  ['urlize', '@', '.com'],
  ['urlize', 'www.'],
  ['urlize', '://'],
  ['urlize', 'a@'],
  ['urlize', '(.'],
  ['urlize', '<a:'],
  ['urlizetrunc:5', 'http://x '],
  ['truncatechars_html:100000', '<'],
  ['truncatechars_html:100000', '<a'],
  ['truncatechars_html:100000', '<a>'],
  ['truncatechars_html:100000', '</a>'],
  ['truncatewords_html:100000', '<'],
  ['truncatewords_html:100000', '< a'],
  ['truncatewords_html:100000', 'a '],
  ['truncatewords_html:100000', '<a '],
  ['truncatechars:5', 'e\u0301'],
  ['truncatewords:5', ' a'],
  ['wordwrap:5', 'a '],
  ['wordwrap:5', ' '],
  ['wordwrap:5', '\t'],
  ['slugify', '-_'],
  ['slugify', '-', 'a'],
  ['title', "a'"],
  ['linebreaks', '\n', 'a'],
  ['linebreaksbr', '\r'],
  ['linenumbers', '\n'],
  ['escapejs', '<'],
  ['force_escape', '<'],
  ['iriencode', '%'],
  ['urlencode', '😀'],
  ['wordcount', '\u2003a'],
  ['floatformat:2', '1', 'x'],
  ['floatformat:2', '1_', 'x'],
  ['add:1', '1', 'x'],
  ['pluralize', '1', '.x'],
  ['stringformat:"s"', '%'],
  ['phone2numeric', 'a'],
  ['json_script:"x"', '<'],
  ['cut:"ab"', 'aab'],
  ['make_list|length', '😀'],
  ['pprint', '\\'],
  ['center:9', ' '],
]

describe('text of visitors takes linear time', () => {
  it.each(HOSTILE.map(([filter, piece, end = '']) => [filter, piece, end] as const))(
    'in %s of %j',
    (filter, piece, end) => {
      const text = piece.repeat(SIZE / piece.length) + end
      const start = performance.now()
      renderNow(`{{ v|${filter} }}`, { v: text })
      // A quadratic step over this many characters takes minutes; a linear one some milliseconds.
      expect(performance.now() - start).toBeLessThan(2000)
    },
  )
})

describe('a template takes linear time to compile', () => {
  it.each([
    '{{', '{%', '{#', '{', '{{ }', '{% % ', '}}', '{{a', '{% a "', '{%}', '{{x}}', '{# #}', '\n{{', '{{ {% {# ',
  ])('when it is %j again and again', (piece) => {
    const source = piece.repeat(SIZE / piece.length)
    expect(cost(() => compile(source))).toBeLessThan(2000)
  }) // prettier-ignore

  it.each([
    ['{{ v', '|lower', ' }}'],
    ['{{ ', 'a.', 'a }}'],
    ['{{ "', '\\"', '" }}'],
    ["{{ '", '\\', " }}"],
    ['{% if a', ' and a', ' %}{% endif %}'],
    ['{% with a="', "'", '" %}{% endwith %}'],
    ['{% cycle', ' "a', '" %}'],
    ['{% cycle', " 'a'b", ' %}'],
    ['{{ 1', '1', 'x }}'],
    ['{{ 1', '_1', ' }}'],
    ['{{ a ', '  ', '| }}'],
    ['{% url "a"', ' a=b', ' %}'],
  ] as const)('when a tag is %s%s...%s', (start, piece, end) => {
    const source = start + piece.repeat(20_000 / piece.length) + end
    expect(cost(() => compile(source))).toBeLessThan(2000)
  }) // prettier-ignore
})

describe('what one value can cost is bounded', () => {
  it.each<[string, unknown, RegExp]>([
    ['{{ v|stringformat:"999999999d" }}', 1, /^$/],
    ['{{ v|ljust:"999999999" }}', 'a', /^a {1000000}$/],
    ['{{ v|floatformat:"999999999" }}', 1.5, /^1\.5$/],
    ['{{ v|floatformat:2 }}', '1e1000000000', /^.{0,40}$/],
    ['{{ v|floatformat:2 }}', 1.5e300, /^1\.5e\+300$/],
    ['{{ v }}', 5e-324, /^5e-324$/],
    ['{% lorem v w random %}', 1e9, /^[a-z ]{10000,200000}$/],
  ])('%s of %j', (template, v, output) => {
    expect(renderNow(template, { v })).toMatch(output)
  })

  it('however deep it is', () => {
    let deep: unknown = []
    for (let i = 0; i < 100_000; i++) deep = [deep]
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    for (const v of [deep, cyclic]) {
      for (const template of ['{{ v }}', '{{ v|pprint }}', '{{ v|unordered_list }}', '{% if v == v %}{% endif %}', '{% if v in v %}{% endif %}', '{{ v|length }}', '{{ v|join:"" }}']) {
        expect(renderNow(template, { v }).length).toBeLessThan(200_000)
      }
      expect(() => engine.fromString('{{ v|json_script:"x" }}').render({ v })).toThrow(/nested too deep/)
    }
  }) // prettier-ignore

  it('however deep the tags are nested', () => {
    const nested = (n: number) => '{% if 1 %}'.repeat(n) + 'x' + '{% endif %}'.repeat(n)
    expect(engine.fromString(nested(150)).render({})).toBe('x')
    expect(() => engine.fromString(nested(100_000))).toThrow(/nested too deep/)
  })
})
