import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/web/template/context.ts'
import { Engine } from '../../../src/web/template/engine.ts'
import { Library } from '../../../src/web/template/library.ts'
import { markSafe } from '../../../src/web/template/safe-string.ts'
import { TemplateSyntaxError } from '../../../src/web/template/template-error.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import { renderNow } from './support/render-now.ts'

const library = new Library()
  .registerFilter('double', (value) => Number(value) * 2)
  .registerFilter('times', (value: unknown, by: unknown) => Number(value) * Number(by))
  .registerFilter('later', async (value) => value)
  .registerTextFilter('shout', (text) => `${text}!`, { isSafe: true })
  .registerTextFilter('wrapped', (text, tag = 'b') => markSafe(`<${String(tag)}>${text}</${String(tag)}>`))
  .registerFilter('mode', (_value, _argument, context) => (context.autoescape ? 'on' : 'off'), { argument: 'none' })
  .simpleTag('sum', (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0))
  .simpleTag('hello', (name: string, options: { greeting?: string } = {}) => `${options.greeting ?? 'hi'} ${name} <`)
  .simpleTag('html', () => markSafe('<hr>'))
  .simpleTag('slow', async (value: unknown) => value)
  .simpleTag('user', (context: Context, key: string) => `${String(context.get('name'))}.${key}`, { takesContext: true })
  .simpleTag('named', (a: unknown, b: unknown, c: unknown = 'C') => [a, b, c].join(), { parameters: ['a', 'b', 'c?'] })
  .inclusionTag('card', 'card.html', (title: string) => ({ title }))
  .inclusionTag('cards', ['none.html', 'card.html'], (context: Context) => ({ title: context.get('name') }), { takesContext: true })
  .inclusionTag('slowcard', 'card.html', async (title: string) => ({ title }))
  .tag('repeat', (parser, token) => {
    const count = Number(token.splitContents()[1])
    const body = parser.parse(['endrepeat'])
    parser.deleteFirstToken()
    return (context) => {
      let output = ''
      for (let i = 0; i < count; i++) {
        const rendered = context.within(new Map([['i', i]]), body)
        if (typeof rendered !== 'string') throw new Error('this tag does not wait')
        output += rendered
      }
      return output
    }
  }) // prettier-ignore

const card = '[{{ title }}{{ name }}{% csrf_token %}]'
const engine = new Engine({
  libraries: { own: library },
  loaders: [memorySource({ 'card.html': card })],
})
const values = { name: 'N', x: '<' }

describe('tags and filters of a site', () => {
  it.each([
    ['{{ 2|double }} {{ 2|times:"3" }} {{ x|shout }} {{ x|safe|shout }} {{ x|wrapped }} {{ x|wrapped:"i" }}', '4 6 &lt;! <! <b><</b> <i><</i>'],
    ['{{ 1|mode }}{% autoescape off %}{{ 1|mode }}{% endautoescape %}', 'onoff'],
    ['{% sum 1 2 3 %} {% sum %} {% sum 1 2 as total %}{{ total }}', '6 0 3'],
    ['{% hello name %} {% hello name greeting="yo" %} {% autoescape off %}{% hello name %}{% endautoescape %}', 'hi N &lt; yo N &lt; hi N <'],
    ['{% hello name as h %}{{ h }} {% html %} {% html as r %}{{ r }}', 'hi N &lt; <hr> <hr>'],
    ['{% user "k" %} {% with name="M" %}{% user key %}{% endwith %}', 'N.k M.'],
    ['{% named 1 2 %} {% named 1 b=2 %} {% named b=1 a=2 c=3 %}', '1,2,C 1,2,C 2,1,3'],
    ['{% card "T<"|lower %} {% card x %} {% cards %}', '[t<] [&lt;] [N]'],
    ['{% with csrf_token="tok" %}{% card 1 %}{% endwith %}', '[1<input type="hidden" name="csrfmiddlewaretoken" value="tok">]'],
    ['{% repeat 3 %}{{ i }}{% if i == 1 %}!{% endif %}{% endrepeat %}{{ i }}', '01!2'],
  ])('%s', (template, html) => {
    expect(renderNow(`{% load own %}${template}`, values, engine)).toBe(html)
  }) // prettier-ignore

  it.each([
    ['{{ x|later|upper }}{{ x|later|later }}', '&lt;&lt;'],
    ['{% slow x %}{% slow x as y %}{{ y }}', '&lt;&lt;'],
    ['{% slowcard "T" %}{% card slow %}{% sum slow slow %}', '[T][2]4'],
  ])('may have to be waited for: %s', async (template, html) => {
    const output = engine
      .fromString(`{% load own %}${template}`)
      .render({ ...values, slow: Promise.resolve(2) })
    expect(output).toBeInstanceOf(Promise)
    expect(await output).toBe(html)
  })

  it.each([
    ['{% load own %}{{ x|double:1:2 }}', /Could not parse the remainder: ':2'/],
    ['{% load own %}{{ x|times }}', 'times requires 2 arguments, 1 provided'],
    ['{% load own %}{{ x|mode:1 }}', 'mode requires 1 arguments, 2 provided'],
    ['{% load own %}{% named 1 %}', "'named' did not receive value(s) for the argument(s): 'b'"],
    ['{% load own %}{% named %}', "'named' did not receive value(s) for the argument(s): 'a', 'b'"],
    ['{% load own %}{% named 1 2 3 4 %}', "'named' received too many positional arguments"],
    ['{% load own %}{% named 1 2 d=3 %}', "'named' received unexpected keyword argument 'd'"],
    ['{% load own %}{% named 1 b=2 b=3 %}', "'named' received multiple values for keyword argument 'b'"],
    ['{% load own %}{% named 1 a=2 b=1 %}', "'named' received multiple values for keyword argument 'a'"],
    [
      '{% load own %}{% named a=1 2 %}',
      "'named' received some positional argument(s) after some keyword argument(s)",
    ],
    ['{% load own %}{% repeat 2 %}', "Unclosed tag on line 1: 'repeat'. Looking for one of: endrepeat."],
    ['{{ 1|double }}', "Invalid filter: 'double'"],
    ['{% sum 1 %}', "Invalid block tag on line 1: 'sum'. Did you forget to register or load this tag?"],
    ['{% load owm %}', "'owm' is not a registered tag library. Must be one of:\ncache\nown\nstatic"],
    ['{% load sum nope from own %}', "'nope' is not a valid tag or filter in tag library 'own'"],
    ['{% load sum from own %}{{ 1|double }}', "Invalid filter: 'double'"],
  ])('are refused in %s', (template, message) => {
    expect(() => engine.fromString(template)).toThrow(TemplateSyntaxError)
    expect(() => engine.fromString(template)).toThrow(message)
  })

  it('are loaded one by one, or are there always', () => {
    expect(renderNow('{% load sum double from own %}{% sum 1 2 %}{{ 2|double }}', {}, engine)).toBe('34')
    expect(renderNow('{% sum 1 2 %}{{ 2|double }}', {}, new Engine({ builtins: [library] }))).toBe('34')
  })

  it('replace built-in ones of the same name', () => {
    const own = new Library().registerFilter('upper', () => 'mine')
    expect(renderNow('{{ "a"|upper }}', {}, new Engine({ builtins: [own] }))).toBe('mine')
  })

  it('of a loaded library are those of the template that loads it alone', () => {
    const site = new Engine({
      libraries: { own: library },
      loaders: [memorySource({ 'a.html': '{% load own %}{% include "b.html" %}', 'b.html': '{% sum 1 %}' })],
    })
    expect(() => site.getTemplate('a.html').render()).toThrow("Invalid block tag on line 1: 'sum'")
  })
})
