import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import { TemplateSyntaxError } from '../../../src/web/template/template-error.ts'
import type { Template } from '../../../src/web/template/template.ts'

const PIECES = [
  '{{', '}}', '{%', '%}', '{#', '#}', '{', '}', '\n', ' ', 'x', 'y.z', '"a"', "'", '|', ':', 'upper', 'cut:"a"', 'default:y', '(', '1', '-', '.5', '_', '\\', '\0', '\ud800', '😀', '{{ x }}', '{{ x|join:y }}',
  '{% if x %}', '{% elif y.z == x or not x %}', '{% else %}', '{% endif %}', '{% for a in x %}', '{% for a, b in y %}', '{% empty %}', '{% endfor %}', '{% with a=x b=y.z %}', '{% endwith %}', '{{ a }}{{ forloop.counter }}',
  '{% block q %}', '{{ block.super }}', '{% endblock %}', '{% extends "base" %}', '{% include "part" %}', '{% include x %}', '{% cycle x y as c %}', '{% cycle c %}', '{% resetcycle %}', '{% ifchanged %}', '{% ifchanged x %}', '{% endifchanged %}',
  '{% filter upper %}', '{% endfilter %}', '{% autoescape off %}', '{% endautoescape %}', '{% verbatim %}', '{% endverbatim %}', '{% comment %}', '{% endcomment %}', '{% regroup x by z as g %}', '{% firstof x y "z" %}', '{% widthratio x y 3 %}',
  '{% spaceless %}', '{% endspaceless %}', '{% load static %}', '{% static x %}', '{% templatetag openblock %}', '{% csrf_token %}', '{% lorem 2 w %}', '{% url x y %}', '{% now "Y" %}',
] // prettier-ignore

const source = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const value = fc.oneof(
  fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true }),
  fc.constantFrom('part', 'base', '../x', 'constructor', '__proto__', Number.NaN, Infinity, -0),
) // prettier-ignore

const engine = new Engine({
  loaders: [memorySource({ base: '[{% block q %}b{% endblock %}]', part: '({{ x }}{% cycle 1 2 %})' })],
  reverse: (name) => `/${name}`,
})

function compile(text: string): Template | undefined {
  try {
    return engine.fromString(text)
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return undefined
    throw error
  }
}

/** What rendering came to: text, or the name of an error that says what is wrong with the values. */
async function outcome(render: () => unknown): Promise<unknown> {
  try {
    return await render()
  } catch (error) {
    if (error instanceof Error) return error.name
    throw error
  }
}

it('compiles any text or says why not', () => {
  fc.assert(
    fc.property(source, (text) => void compile(text)),
    { numRuns: 3000 },
  )
})

it('keeps text that has no tags as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const plain = text.replaceAll('{', '(')
      expect(engine.fromString(plain).render()).toBe(plain)
    }),
  )
})

it('renders whatever it compiles with whatever values: the same at once, later and again', async () => {
  await fc.assert(
    fc.asyncProperty(source, value, value, async (text, x, y) => {
      const template = compile(text)
      if (!template) return
      const now = await outcome(() => template.render({ x, y }))
      expect(typeof now).toBe('string')
      expect(await outcome(() => template.render({ x, y }))).toBe(now)
      const later = { x: Promise.resolve(x), y: async () => y }
      expect(await outcome(() => template.render(later))).toBe(now)
    }),
    { numRuns: 2000 },
  )
})
