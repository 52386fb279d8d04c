import { expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import { renderNow } from './support/render-now.ts'

const engine = new Engine({
  loaders: [
    memorySource({ 'inc.html': '({{ x }}{{ y }})', 'block.html': '{% block b %}base{% endblock %}' }),
  ],
  reverse: (name, args, kwargs) => `/${[name, ...args, ...Object.entries(kwargs).flat()].join('/')}/`,
  staticUrl: '/static/',
  now: () => new Date('2024-02-29T15:04:05Z'),
})

const values = {
  x: 'X',
  list: ['a', 'b', 'c'],
  empty: [],
  pairs: [['k', 1], ['l', 2]],
  map: new Map<string, unknown>([['one', 1], ['two', 2]]),
  set: new Set(['s']),
  rows: [{ c: 'x', n: 1 }, { c: 'x', n: 2 }, { c: 'y', n: 3 }],
  zero: 0,
  user: { name: 'Ann', tags: ['staff'] },
} // prettier-ignore

/** At least one row per tag; the comparison with Django has the hundreds. */
it.each([
  ['{% autoescape off %}{{ "<"|lower }}{% endautoescape %}{% comment %}{{ bad| }}{% endcomment %}{# {{ no #}', '<'],
  ['{% extends "block.html" %}{% block b %}{{ block.super }}+{% endblock %}', 'base+'],
  ['{% for i in list %}{% cycle "odd" "even" as row silent %}{{ row }} {% endfor %}', 'odd even odd '],
  ['{% for i in list %}{% cycle 1 2 %}{% resetcycle %}{% endfor %}', '111'],
  ['{% filter upper %}a{{ x }}b{% endfilter %}', 'AXB'],
  ['{% firstof zero missing x %}{% firstof zero as f %}[{{ f }}]', 'X[]'],
  ['{% for i in list reversed %}{{ forloop.counter }}{{ i }}{% if forloop.last %}.{% endif %}{% empty %}none{% endfor %}', '1c2b3a.'],
  ['{% for i in empty %}x{% empty %}none{% endfor %}{% for k, v in pairs %}{{ k }}{{ v }}{% endfor %}', 'nonek1l2'],
  ['{% for k in map %}{{ k }}{% endfor %}{% for k, v in map.items %}{{ k }}{{ v }}{% endfor %}{% for s in set %}{{ s }}{% endfor %}', 'onetwoone1two2s'],
  ['{% for a in pairs %}{% for b in a %}{{ forloop.parentloop.counter0 }}{{ forloop.revcounter }}{{ forloop.revcounter0 }}{{ forloop.first }} {% endfor %}{% endfor %}', '021True 010False 121True 110False '],
  ['{% if zero %}a{% elif x == "X" and "staff" in user.tags %}b{% else %}c{% endif %}', 'b'],
  ['{% if not zero and list|length >= 3 or missing %}y{% endif %}{% if empty or map.none or missing %}n{% endif %}', 'y'],
  ['{% for r in rows %}{% ifchanged r.c %}{{ r.c }}:{% else %},{% endifchanged %}{{ r.n }}{% endfor %}', 'x:1,2y:3'],
  ['{% include "inc.html" with y=1 %}{% include "inc.html" with y=2 only %}', '(X1)(2)'],
  ['{% load static %}{% static "css/a.css" %} {% get_static_prefix %}', '/static/css/a.css /static/'],
  ['{% lorem 2 w %} {% now "Y" as year %}{{ year }} {% now "jS F" %}', 'lorem ipsum 2024 29th February'],
  ['{% regroup rows by c as groups %}{% for g in groups %}{{ g.grouper }}{{ g.list|length }}{% endfor %}', 'x2y1'],
  ['{% spaceless %}<p>\n <b> a </b> </p>{% endspaceless %}{% templatetag openblock %}{% templatetag closevariable %}', '<p><b> a </b></p>{%}}'],
  ['{% url "view" 1 "a" %} {% url "view" id=x as u %}{{ u }}', '/view/1/a/ /view/id/X/'],
  ['{% verbatim %}{{ x }}{% if %}{% endverbatim %}', '{{ x }}{% if %}'],
  ['{% widthratio 175 200 100 %} {% widthratio 1 8 4 as w %}{{ w }}', '88 0'],
  ['{% with y=x z="<"|lower %}{{ y }}{{ z }}{% endwith %}[{{ y }}]', 'X<[]'],
  ['{{ user.name }} {{ user.tags.0 }} {{ list.1 }} {{ map.one }} [{{ user.none.x }}] {{ x.lower }} {{ True }} {{ None }}', 'Ann staff b 1 [] x True None'],
])('%s', (template, html) => {
  expect(renderNow(template, values, engine)).toBe(html)
}) // prettier-ignore
