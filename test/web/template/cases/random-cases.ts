import type { Json, TemplateCase } from '../support/cases.ts'

/** Numbers from 0 up to 1 that are the same in every run. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const EXPRESSIONS = [
  'x', 'y', 'list', 'rows', 'map', 'n', 'missing', 'row.a', 'row', '"lit<"', '1', 'text', 'safe', 'forloop.counter', 'x|upper', 'list|length', 'list|first', 'text|default:"d"',
  'missing|default:x', 'rows.0.a', 'map.k', 'c', 'nested', 'nested.0', 'row.1', 'True', 'text|truncatechars:3|upper', 'safe|add:text', 'row|join:"-"',
] // prettier-ignore
const OPERATORS = [' and ', ' or ', ' == ', ' != ', ' in ', ' < ', ' >= ', ' not in ']
const TEXTS = [
  'text ',
  '<b>',
  '\n',
  ' ',
  '{ } ',
  '%}',
  '{# c #}',
  '{% templatetag openblock %}',
  '{{ block.name }}',
]
const FILTERS = ['upper', 'lower', 'force_escape', 'cut:"a"', 'linebreaks', 'title', 'escapejs']

const CONTEXT: Readonly<Record<string, Json>> = {
  x: 'X<',
  y: 2,
  list: [1, 2, 2, 'a'],
  rows: [
    { a: 'k', b: 1 },
    { a: 'k', b: 2 },
    { a: 'm', b: 1 },
  ],
  map: { k: 'v&' },
  n: null,
  text: 'hello & bye',
  safe: { $safe: '<i>s</i>' },
  nested: [
    [1, 2],
    [3, 4],
  ],
  c: '',
}

/** Writes templates that compile, with whatever tags inside of each other. */
class TemplateWriter {
  readonly #random: () => number
  #names = 0

  constructor(random: () => number) {
    this.#random = random
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)]
    if (choice === undefined) throw new Error('there is nothing to choose from')
    return choice
  }

  #expression(): string {
    return this.#pick(EXPRESSIONS)
  }

  #condition(): string {
    const terms = Array.from({ length: 1 + Math.floor(this.#random() * 3) }, (_, i) => {
      const negation = this.#random() < 0.2 ? 'not ' : ''
      return (i === 0 ? '' : this.#pick(OPERATORS)) + negation + this.#expression()
    })
    return terms.join('')
  }

  body(depth: number): string {
    return Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () => this.#node(depth)).join('')
  }

  #node(depth: number): string {
    const simple = [() => this.#pick(TEXTS), () => `{{ ${this.#expression()} }}`, () => this.#simpleTag()]
    return this.#pick(
      depth > 0 ? [...simple, () => this.#blockTag(depth - 1), () => this.#blockTag(depth - 1)] : simple,
    )()
  }

  #simpleTag(): string {
    const [a, b] = [this.#expression(), this.#expression()]
    return this.#pick([
      `{% firstof ${a} ${b} %}`, `{% firstof ${a} as f %}{{ f }}`, `{% cycle ${a} ${b} %}`, `{% widthratio ${a} ${b} 10 %}`, '{% include "inc" %}', `{% include "inc" with x=${a} only %}`,
      `{% url "user" ${a} as u %}{{ u }}`, '{% lorem 2 w %}', `{% regroup ${this.#pick(['rows', 'list', 'nested', 'missing'])} by ${this.#pick(['a', 'b', 'a|upper', '0'])} as g %}{% for q in g %}{{ q.grouper }}:{{ q.list|length }};{% endfor %}`,
    ]) // prettier-ignore
  }

  #blockTag(depth: number): string {
    const [a, b] = [this.#expression(), this.#expression()]
    const body = (): string => this.body(depth)
    const name = `n${this.#names++}`
    return this.#pick([
      () => `{% if ${this.#condition()} %}${body()}{% elif ${this.#condition()} %}${body()}{% else %}${body()}{% endif %}`,
      () => `{% for ${this.#pick(['row', 'x', 'a, b', 'c'])} in ${a}${this.#pick(['', ' reversed'])} %}${body()}{% empty %}E{% endfor %}`,
      () => `{% with ${this.#pick(['x', 'c', 'row'])}=${a} y=${b} %}${body()}{% endwith %}`,
      () => `{% ifchanged ${a} %}${body()}{% else %}same{% endifchanged %}`,
      () => `{% filter ${this.#pick(FILTERS)} %}${body()}{% endfilter %}`,
      () => `{% autoescape ${this.#pick(['on', 'off'])} %}${body()}{% endautoescape %}`,
      () => `{% spaceless %}${body()}{% endspaceless %}`,
      () => `{% block ${name} %}${body()}{% endblock %}`,
      () => `{% cycle ${a} ${b} ${a} as ${name}${this.#pick([' silent', ''])} %}${body()}{% cycle ${name} %}{% resetcycle ${name} %}{% cycle ${name} %}{{ ${name} }}`,
    ])() // prettier-ignore
  }
}

const FILES = {
  inc: '(inc {{ x }}{{ forloop.counter }}{% cycle "p" "q" %})',
  base: '[{% block n0 %}base0 {{ x }}{% endblock %}|{% block n1 %}{% block n2 %}base2{% endblock %}{% endblock %}]',
  mid: '{% extends "base" %}{% block n1 %}mid{{ block.super }}{% endblock %}{% block n0 %}m0{% block z %}{% endblock %}{% endblock %}',
}

/** A third of them extend another template. */
export function randomCases(seed: number, count: number): readonly TemplateCase[] {
  const random = mulberry32(seed)
  return Array.from({ length: count }, (_, i) => {
    const body = new TemplateWriter(random).body(3)
    const template = i % 3 === 0 ? `{% extends "${i % 2 === 0 ? 'base' : 'mid'}" %}${body.replaceAll('block.name', 'block.super')}` : body
    return { template, context: CONTEXT, files: FILES }
  }) // prettier-ignore
}
