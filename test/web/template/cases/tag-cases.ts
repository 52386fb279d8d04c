import type { Json, TemplateCase } from '../support/cases.ts'

/** Templates with the context that each group shares. */
interface Group {
  readonly context?: { readonly [name: string]: Json }
  readonly files?: Readonly<Record<string, string>>
  readonly templates: readonly string[]
}

const values = {
  t: true,
  f: false,
  n: null,
  zero: 0,
  one: 1,
  two: 2,
  half: 0.5,
  tiny: 1e-7,
  text: 'a <b> & "c"',
  empty: '',
  list: [1, 2, 3],
  none: [],
  words: ['b', 'a', 'c'],
  map: { a: 1, b: 'x', items: 'own' },
  plain: { x: 1, y: [1, { z: 'deep' }] },
  people: [
    { name: 'Ann', age: 30, city: 'Oslo' },
    { name: 'Bob', age: 25, city: 'Oslo' },
    { name: 'Cid', age: 30, city: 'Rome' },
  ],
  pairs: [
    ['a', 1],
    ['b', 2],
  ],
  nested: [[1, 2], [3], []],
  thing: { $thing: { name: 'T<', inner: { $thing: { name: 'I' } } } },
  when: { $date: '2024-02-29T13:05:09Z' },
  safe: { $safe: '<i>ok</i>' },
  name: 'Ann',
  '0': 'zero key',
}

const groups: readonly Group[] = [
  {
    context: values,
    templates: [
      // variables
      'text only',
      '',
      '{{ text }}|{{ t }}|{{ f }}|{{ n }}|{{ zero }}|{{ half }}|{{ tiny }}|{{ empty }}|{{ missing }}',
      '{{ list }} {{ words }} {{ none }} {{ plain }} {{ pairs }}',
      '{{ list.0 }} {{ list.2 }} {{ list.3 }} {{ list.x }}',
      '{{ plain.x }} {{ plain.y.1.z }} {{ plain.nope }} {{ plain.y.1.z.0 }}',
      '{{ map.items }} {{ map.a }}',
      '{% for k, v in plain.items %}{{ k }}={{ v }};{% endfor %}',
      '{% for k in plain %}{{ k }},{% endfor %}{% for k in plain.keys %}{{ k }},{% endfor %}',
      '{{ thing }} {{ thing.name }} {{ thing.greet }} {{ thing.inner.name }} {{ thing.inner.greet }} {{ thing.nope }}',
      '{{ thing.add }}|{{ thing.delete }}|{{ thing.delete.x }}|{{ thing.greet.upper }}',
      '{{ text.upper }} {{ name.lower }} {{ name.0 }} {{ name.9 }} {{ text.split }}',
      '{{ when }} {{ when.year }} {{ when.month }} {{ when.hour }} {{ when.isoformat }}',
      '{{ safe }} {{ safe.upper }}',
      '{{ True }} {{ False }} {{ None }} {{ true }}',
      '{{ 1 }} {{ -1 }} {{ 1.5 }} {{ .5 }} {{ 1e3|add:0 }} {{ "lit<" }} {{ \'it\' }} {{ "a\\"b" }} {{ "a\\\\b" }}',
      '{{ _("hello") }} {{ _(\'x\')|upper }}',
      '{{text}} {{  name  }} {{name|lower}} {{ name |lower }} {{ name| lower }} {{ name | lower|upper }}',
      '{{ missing.x.y }} {{ n.x }} {{ zero.x }} {{ missing|default:"d" }} {{ missing|upper }} {{ n|default_if_none:"dn" }}',
      '{ {x} } {{ name }}} {%% {# comment #}{# {{ name }} #}{#} {{ "}" }}',
      '{{ name }\n} {{ na\nme }} {% if\n1 %}',
      '{{ when|date }} {{ when|time }} {{ when|date:"DATETIME_FORMAT" }}',
      '{{ text|safe|upper }} {{ safe|upper }} {{ safe|lower }} {{ text|lower|safe }}',
      '{{ list|first }} {{ list|last }} {{ list|length }} {{ list|join:", " }}',
      '{{ name|add:text }} {{ one|add:"2" }} {{ list|add:words }}',
      // if
      ...[
        't', 'f', 'n', 'zero', 'one', 'empty', 'text', 'none', 'list', 'plain', 'missing', 'missing.x', 'safe', 'thing',
        'not t', 'not f', 'not missing', 't and f', 't or f', 'f or f', 'not t or t', 'not f and t', 't and not f',
        'one == 1', 'one == 2', 'one != 1', 'one < 2', 'one > 2', 'two >= 2', 'two <= 1', 'name == "Ann"', 'name == \'Bob\'',
        'one in list', '9 in list', '9 not in list', '"nn" in name', '"x" in plain', '"q" not in plain', 'one in name',
        'one is one', 'n is None', 'missing is None', 'missing == None', 'n is not None', 't is True', 't == 1', 'f == 0',
        't and f or t', 'f and f or t', 't or f and f', 'not t == f', 'not one in list', '1 < 2 and 2 < 3', 'one == two == f',
        'list == list', 'list == words', 'list|length == 3', 'list|length > 2 and name', 'missing|default:f', 'name|length_is:3',
        'name < "B"', 'name > 1', 'one < name', 'list < words', 'none < list', 'when == when', 'when < when', '"" == empty',
        'missing > 1', 'missing < 1', 'n > 0', 'missing in list', 'one in missing', '2 > half', 'tiny > 0', 'one and two == 2',
        'missing|add:1', '1 == 1.0', 'f is False', 'words.0 == "b"', 'thing.name == "T<"', 'not not t',
      ].map((condition) => `{% if ${condition} %}yes{% else %}no{% endif %}`), // prettier-ignore
      '{% if f %}a{% elif f %}b{% elif t %}c{% else %}d{% endif %}',
      '{% if f %}a{% elif f %}b{% endif %}|{% if t %}{% if f %}x{% else %}y{% endif %}{% endif %}',
      '{% if name|upper == "ANN" %}{{ name }}{% endif %}{% if list|default:none|length %}L{% endif %}',
      '{% if "a b" == "a b" %}space{% endif %}{% if text|default:"x y" %}q{% endif %}',
      // for
      '{% for x in list %}{{ x }}{% endfor %}|{% for x in list reversed %}{{ x }}{% endfor %}',
      '{% for x in none %}{{ x }}{% empty %}empty{% endfor %}|{% for x in missing %}{% empty %}missing{% endfor %}|{% for x in n %}{% empty %}none{% endfor %}',
      '{% for x in list %}{{ forloop.counter }}{{ forloop.counter0 }}{{ forloop.revcounter }}{{ forloop.revcounter0 }}{{ forloop.first }}{{ forloop.last }} {% endfor %}',
      '{% for p in people %}{{ p.name }}{% if not forloop.last %}, {% endif %}{% endfor %}',
      '{% for a, b in pairs %}{{ a }}{{ b }} {% endfor %}{% for a,b in pairs %}{{ a }}{{ b }}{% endfor %}{% for a , b in pairs %}{{ b }}{% endfor %}',
      '{% for x in nested %}{% for y in x %}{{ forloop.parentloop.counter }}.{{ forloop.counter }}={{ y }} {% empty %}-{% endfor %}{% endfor %}',
      '{% for c in name %}{{ c }}.{% endfor %}{% for c in text|slice:":3" %}[{{ c }}]{% endfor %}',
      '{% for x in list %}{% endfor %}{{ x }}{{ forloop }}|{{ forloop.counter }}',
      '{% for x in list %}{% with y=x %}{{ y }}{% endwith %}{% endfor %}{{ y }}',
      '{% for x in people|dictsort:"age" %}{{ x.name }}{% endfor %}{% for x in people|dictsortreversed:"name" %}{{ x.name }}{% endfor %}',
      '{% for x in "ab" %}{{ x }}{% endfor %}{% for x in list|slice:"1:" %}{{ x }}{% endfor %}',
      '{% for x in list %}{% for y in words %}{{ forloop.parentloop.last }}{% endfor %}{% endfor %}',
      '{% for x in list %}{{ forloop.parentloop }}{{ forloop }}{% for y in none %}{% empty %}{{ forloop }}{% endfor %}{% endfor %}',
      '{% for forloop in list %}{{ forloop }}{% endfor %}',
      // ifchanged
      '{% for p in people %}{% ifchanged p.city %}{{ p.city }}: {% endifchanged %}{{ p.name }} {% endfor %}',
      '{% for p in people %}{% ifchanged %}{{ p.city }}{% endifchanged %}{% endfor %}',
      '{% for p in people %}{% ifchanged p.age p.city %}c{% else %}s{% endifchanged %}{% endfor %}',
      '{% for x in nested %}{% for y in words %}{% ifchanged %}{{ forloop.parentloop.counter }}{% endifchanged %}{% endfor %}{% endfor %}',
      '{% ifchanged %}once{% endifchanged %}{% ifchanged name %}n{% endifchanged %}',
      '{% for x in words %}{% ifchanged missing %}m{% else %}-{% endifchanged %}{% endfor %}',
      '{% for x in list %}{% ifchanged %}{% endifchanged %}{% ifchanged %}same{% else %}again{% endifchanged %}{% endfor %}',
      // cycle
      '{% for x in list %}{% cycle "a" "b" %}{{ x }}{% endfor %}',
      '{% for x in list %}{% cycle "a" name text %}{% endfor %}|{% for x in list %}{% cycle text|safe name|upper %}{% endfor %}',
      '{% cycle "a" "b" as c %}{% cycle c %}{% cycle c %}{{ c }}',
      '{% cycle "a" "b" as c silent %}{{ c }}{% cycle c %}{{ c }}',
      '{% for x in list %}{% cycle "odd" "even" as row silent %}<{{ row }}>{% endfor %}',
      '{% for x in list %}{% for y in list %}{% cycle 1 2 %}{% endfor %}{% resetcycle %}{% endfor %}',
      '{% cycle "a" "b" as x %}{% cycle "1" "2" as y %}{% resetcycle x %}{% cycle x %}{% cycle y %}{% resetcycle %}{% cycle y %}',
      '{% with c="w" %}{% cycle "a" "b" as c %}{{ c }}{% endwith %}{{ c }}',
      // with, firstof, filter, autoescape, spaceless, verbatim, comment
      '{% with x=1 y=name %}{{ x }}{{ y }}{% endwith %}{{ x }}',
      '{% with name as x %}{{ x }}{% endwith %}{% with list|length as l and name|upper as u %}{{ l }}{{ u }}{% endwith %}',
      '{% with x=text|safe %}{{ x }}{% endwith %}{% with x=missing %}[{{ x }}]{% endwith %}{% with a=1 b=a %}[{{ b }}]{% endwith %}',
      '{% with x="a b" y=\'<c>\' %}{{ x }}{{ y }}{% endwith %}',
      '{% firstof f n name %}|{% firstof f missing %}|{% firstof f "lit<" %}|{% firstof text %}|{% firstof text|safe %}|{% firstof zero one %}',
      '{% firstof f text as x %}{{ x }}|{% firstof f as y %}[{{ y }}]',
      '{% autoescape off %}{{ text }}{% firstof text %}{% cycle text text %}{% firstof text as x %}{{ x }}{% endautoescape %}{{ x }}',
      '{% autoescape off %}{{ text }}{% autoescape on %}{{ text }}{% endautoescape %}{{ text }}{% endautoescape %}{{ text }}',
      '{% filter upper %}a <b> {{ text }}{% endfilter %}{% filter force_escape|lower %}<B>{% endfilter %}{% filter cut:" " %}a b c{% endfilter %}',
      '{% filter linebreaks %}a\nb{% endfilter %}{% filter upper|lower %}{{ name }}{% endfilter %}',
      '{% spaceless %} <p> <b> x </b> \n\t<i>y</i> </p> {% endspaceless %}|{% spaceless %} a {% endspaceless %}',
      '{% verbatim %}{{ name }} {% if %} {# x #}{% endverbatim %}{{ name }}',
      '{% verbatim mine %}{% verbatim %}{{ x }}{% endverbatim %}{% endverbatim mine %}',
      '{% comment %}{{ x|nope }} {% bad %} {% endcomment %}{% comment "a note" %}{% endif %}{% endcomment %}.',
      '{% templatetag openblock %}{% templatetag closeblock %}{% templatetag openvariable %}{% templatetag closevariable %}{% templatetag openbrace %}{% templatetag closebrace %}{% templatetag opencomment %}{% templatetag closecomment %}',
      // widthratio, regroup, now, lorem, url, static, csrf, debug, load
      '{% widthratio 175 200 100 %} {% widthratio one two 100 %} {% widthratio 1 0 5 %} {% widthratio name 2 3 %} {% widthratio missing 2 3 %} {% widthratio 50 100 3 as w %}{{ w }}',
      '{% widthratio 2.5 100 100 %} {% widthratio 3.5 100 100 %} {% widthratio 0.5 1 1 %} {% widthratio -1 3 10 %} {% widthratio n 1 1 %}',
      '{% regroup people by city as cities %}{% for c in cities %}{{ c.grouper }}:{% for p in c.list %}{{ p.name }},{% endfor %}{% endfor %}',
      '{% regroup people by age as ages %}{% for a, l in ages %}{{ a }}:{{ l|length }} {% endfor %}{{ ages|length }}',
      '{% regroup people|dictsort:"age" by age as ages %}{% for a in ages %}{{ a.grouper }}{% endfor %}{{ ages.0.0 }}{{ ages.0.1|length }}',
      '{% regroup missing by x as y %}[{{ y }}]{% regroup people by name|lower|slice:":1" as z %}{{ z.1.grouper }}{% regroup people by nope as q %}{{ q|length }}{{ q.0.grouper }}',
      '{% lorem %}|{% lorem 3 w %}|{% lorem 1 p %}|{% lorem 19 w %}|{% lorem one p %}|{% lorem 1 b %}|{% lorem 0 w %}|{% lorem 0 p %}',
      '{% url "index" %} {% url "user" "bob" %} {% url "user" name=name %} {% url "month" 2024 2 %} {% url "month" year=2024 month=two %} {% url \'index\' as u %}{{ u }}',
      '{% url "nope" as u %}[{{ u }}] {% with v="index" %}{% url v %}{% endwith %} {% url "user" text as u2 %}{{ u2 }}',
      '{% load static %}{% static "a/b.css" %} {% static name %} {% static "a b&.css" %} {% static "x" as s %}{{ s }} {% get_static_prefix %} {% get_media_prefix as m %}{{ m }}',
      '{% load static from static %}{% static "x" %}',
      '{% csrf_token %}|{% with csrf_token="a<b" %}{% csrf_token %}{% endwith %}|{% with csrf_token="NOTPROVIDED" %}{% csrf_token %}{% endwith %}',
      '{% debug %}{% now "" %}'.slice(0, 11),
      // filters inside of tags, promise-free odds and ends
      '{{ when|timesince:when }} {{ when|date:"jS \\o\\f F" }}',
      '{{ people|length }} {{ people.0 }} {{ people.1.name|ljust:5 }}|',
      '{{ name|default:missing_too|upper }}'.replace('missing_too', 'text'),
      '{{ list|slice:":2"|join:"-" }} {{ words|join:"<br>" }} {{ words|join:text }}',
      '{{ text|truncatechars:4 }} {{ text|wordcount }} {{ text|linebreaksbr }} {{ safe|linebreaksbr }}',
      '{{ safe|add:safe }} {{ safe|add:text }} {{ text|add:safe }} {{ safe|default:"x" }}',
      '{{ "<b>"|upper }} {{ "<b>"|lower }} {{ "<b>"|escape }} {{ "<b>"|force_escape }} {{ "a"|add:"<b>" }}',
    ],
  },
  {
    context: values,
    files: {
      'base.html': '[{% block head %}base head{% endblock %}|{% block body %}base body{% endblock body %}]',
      'mid.html':
        '{% extends "base.html" %}{% block body %}mid({{ block.super }}){% block inner %}mid inner{% endblock %}{% endblock %}',
      'dir/leaf.html': '{% extends "../mid.html" %}{% block inner %}leaf {{ block.super }}{% endblock %}',
      'dir/sibling.html': 'sibling {{ name }}{% include "./inc.html" %}',
      'dir/inc.html': '<inc {{ name }} {{ x }}>',
      'inc.html': '(inc {{ name }} {{ x }}{{ forloop.counter }})',
      'cycle.html': '{% cycle "a" "b" %}',
      'block.html': '{% block a %}A{% endblock %}',
      'recursive.html': '{{ node.v }}{% for node in node.c %}[{% include "recursive.html" %}]{% endfor %}',
      'setter.html': '{% cycle 1 2 as setme %}{% firstof "in" as leak %}',
      'macro.html': '{% for i in list %}{% include "inc.html" with x=i only %}{% endfor %}',
      'super.html':
        '{% extends "base.html" %}{% block head %}{% for x in list %}{{ block.super }}{% endfor %}{% endblock %}',
      'dynamic.html': '{% extends parent %}{% block head %}dyn{% endblock %}',
      'text_first.html':
        'text {# comment #}{% extends "base.html" %}{% block head %}h{% endblock %} ignored {{ x|default:1 }}',
      'undefined_block.html':
        '{% extends "base.html" %}{% block nowhere %}{{ x.y.z }}{% endblock %}{% block head %}{% if name %}{% block deep %}d{% endblock %}{% endif %}{% endblock %}',
      'deeper.html': '{% extends "undefined_block.html" %}{% block deep %}D{{ block.super }}{% endblock %}',
      'escaped.html':
        '{% extends "base.html" %}{% block head %}{% autoescape off %}{{ text }}{% endautoescape %}{{ text }}{% endblock %}',
      'supersafe.html':
        '{% extends "escaped.html" %}{% block head %}{{ block.super }}{{ block.super|upper }}{{ block.name }}{% endblock %}',
    },
    templates: [
      '{% include "base.html" %}',
      '{% extends "base.html" %}',
      '{% extends "base.html" %}{% block head %}H{% endblock %}',
      '{% extends "base.html" %}{% block head %}{{ block.super }}+{% endblock %}{% block body %}{{ block.super|upper }}{% endblock %}',
      '{% extends "mid.html" %}{% block inner %}I{% endblock %}{% block head %}{{ name }}{% endblock %}',
      '{% extends "mid.html" %}{% block body %}B{{ block.super }}{% endblock %}',
      ...[
        'dir/leaf.html',
        'dir/sibling.html',
        'super.html',
        'text_first.html',
        'undefined_block.html',
        'deeper.html',
        'escaped.html',
        'supersafe.html',
        'macro.html',
      ].map((name) => `{% extends "${name}" %}`),
      ...['dir/leaf.html', 'dir/sibling.html', 'super.html', 'block.html', 'deeper.html', 'macro.html'].map(
        (name) => `{% include "${name}" %}`,
      ),
      '{% with parent="base.html" %}{% include "dynamic.html" %}{% endwith %}',
      '{% extends missing|default:"base.html" %}',
      '{% extends name|cut:"Ann"|add:"mid.html" %}{% block head %}x{% endblock %}',
      '{% include "inc.html" %}{% include "inc.html" with x=1 %}{% include "inc.html" with x=1 name="N" %}{% include "inc.html" only %}{% include "inc.html" with x=name only %}',
      '{% include "inc.html" with x=text %}{% include "inc.html" only with x=2 %}',
      '{% for i in list %}{% include "inc.html" %}{% endfor %}{% for i in list %}{% include "cycle.html" %}{% endfor %}',
      '{% with file="inc.html" %}{% include file %}{% endwith %}{% include words|slice:":0"|default:"inc.html" %}',
      '{% with node=tree %}{% include "recursive.html" %}{% endwith %}',
      '{% include "setter.html" %}[{{ setme }}{{ leak }}]',
      '{% block a %}one{% endblock %}{% block b %}{{ block.name }}{% endblock b %}',
      '{% for x in list %}{% block item %}{{ x }}{% endblock %}{% endfor %}',
      '{% if t %}{% block c %}in if{% endblock %}{% endif %}',
      '{% include "block.html" %}{% block a %}mine{% endblock %}',
      '{% extends "base.html" %}{% block head %}{% include "block.html" %}{% endblock %}',
      '{% extends "base.html" %}{% block head %}{% include "mid.html" %}{% endblock %}',
      '{% extends "base.html" %}{% load static %}{% block head %}{% static "x" %}{% endblock %}',
      '{% extends "base.html" %}{% block head %}{% filter upper %}{{ block.super }}{% endfilter %}{% with b=block.super %}{{ b }}{% endwith %}{% endblock %}',
    ],
  },
]

/** Templates whose errors must have Django's words. */
const errors: readonly string[] = [
  '{{ }}', '{{}}', '{%  %}', '{% nope %}', '{% if %}x{% endif %}', '{% if x %}', '{% if x %}{% else %}', '{% if x %}{% endfor %}',
  '\n\n{% if x %}\n{% for %}{% endfor %}', '{% for x %}{% endfor %}', '{% for x in %}{% endfor %}', '{% for x of y %}{% endfor %}',
  '{% for x, in y %}{% endfor %}', '{% for x|y in z %}{% endfor %}', '{% for x in y %}', '{% for x in y reversed z %}{% endfor %}',
  '{% if x y %}{% endif %}', '{% if and x %}{% endif %}', '{% if x and %}{% endif %}', '{% if not %}{% endif %}', '{% if x not y %}{% endif %}',
  '{% if x == %}{% endif %}', '{% if == x %}{% endif %}', '{% if x or or y %}{% endif %}', '{% if x is not %}{% endif %}', '{% if x in not y %}{% endif %}',
  '{% if x %}{% elif %}{% endif %}', '{% if x %}{% else %}{% elif y %}{% endif %}', '{% if x %}{% else %}{% else %}{% endif %}', '{% else %}', '{% endif %}', '{% endblock %}',
  '{{ x|nope }}', '{{ x|upper:"a" }}', '{{ x|cut }}', '{{ x|default:}}', '{{ x|default: "a" }}', '{{ x | }}', '{{ |upper }}', '{{ x||upper }}',
  '{{ x y }}', '{{ "a }}', '{{ x|cut:"a }}', '{{ x(1) }}', '{{ x.}}', '{{ x..y }}', '{{ _x }}', '{{ x._y }}', '{{ x.__class__ }}', '{{ x|default:_y }}',
  '{{ x|upper|nope }}', '{{ x+1 }}', '{{ x|date:"Y" "m" }}', '{{ x == y }}', '{{ x[0] }}', '{{ "a"b }}', "{{ 'a\"b }}", '{{ x|truncatewords:2:3 }}', '{{ -x }}',
  '{% autoescape %}{% endautoescape %}', '{% autoescape maybe %}{% endautoescape %}', '{% autoescape on off %}{% endautoescape %}', '{% autoescape on %}',
  '{% block %}{% endblock %}', '{% block a b %}{% endblock %}', '{% block a %}{% endblock b %}', '{% block a %}{% endblock %}{% block a %}{% endblock %}', '{% block a %}',
  '{% block a %}{% block a %}{% endblock %}{% endblock %}',
  '{% comment %}', '{% cycle %}', '{% cycle a %}', '{% cycle "a" "b" as x %}{% cycle y %}', '{% cycle "a" "b" as x loud %}', '{% resetcycle %}', '{% resetcycle x %}', '{% resetcycle a b %}',
  '{% cycle "a" "b" %}{% resetcycle x %}', '{% filter escape %}{% endfilter %}', '{% filter safe %}{% endfilter %}', '{% filter nope %}{% endfilter %}', '{% filter upper %}',
  '{% firstof %}', '{% include %}', '{% include "a" with %}', '{% include "a" only only %}', '{% include "a" foo %}', '{% include "a" with x=1 with y=2 %}', '{% include "nope.html" %}', '{% include missing %}',
  '{% include "a" with x %}', '{% extends %}', '{% extends "a" "b" %}', '{% extends "nope.html" %}', '{% extends missing %}', '{{ x }}{% extends "a" %}', '{% load static %}{% extends "a" %}',
  '{% extends "a" %}{% extends "b" %}', '{% extends "" %}', '{% extends None %}', '{% extends "../x.html" %}', '{% include "../x.html" %}',
  '{% load nope %}', '{% load nope from static %}', '{% load x from nope %}', '{% lorem a b c %}', '{% lorem 1 2 %}', '{% now %}', '{% now "Y" "m" %}',
  '{% regroup x %}', '{% regroup x by y as %}', '{% regroup x of y as z %}', '{% regroup x by y to z %}', '{% templatetag %}', '{% templatetag x %}', '{% spaceless %}',
  '{% url %}', '{% verbatim %}', '{% verbatim a %}{% endverbatim %}', '{% widthratio 1 2 %}', '{% widthratio 1 2 3 4 %}', '{% widthratio 1 2 3 to x %}', '{% widthratio 1 2 "x" %}',
  '{% with %}{% endwith %}', '{% with x %}{% endwith %}', '{% with x=1 y %}{% endwith %}', '{% with x=1 %}', '{% ifchanged %}', '{% static "x" %}', '{% load static %}{% static %}', '{% load static %}{% get_static_prefix of x %}',
  'a\nb\n{% if a %}\n{% with %}{% endwith %}{% endif %}', '{{ block.super }}', '{% block a %}{{ block.super }}{% endblock %}', '{% empty %}', '{% elif x %}', '{% for x in y %}{% else %}{% endfor %}',
  '{% for a, b in list %}{% endfor %}', '{% for a, b in three %}{% endfor %}', '{% for a in one %}{% endfor %}', '{{ x|default:missing }}', '{% if x|default:missing %}a{% else %}b{% endif %}', '{% url "nope" %}',
] // prettier-ignore

const invalid: readonly string[] = [
  '{{ missing }}|{{ missing|upper }}|{{ x.y }}|{{ x.y|default:"d" }}|{{ n }}|{% if missing %}y{% else %}n{% endif %}',
  '{% with a=missing %}[{{ a }}]{% endwith %}{% for a in missing %}{% empty %}e{% endfor %}{% firstof missing "f" %}',
  '{% include "inc.html" with x=missing %}{{ thing.delete }}{{ thing.add }}',
]

const tree = { v: 1, c: [{ v: 2, c: [{ v: 3, c: [] }] }, { v: 4 }] }

export const tagCases: readonly TemplateCase[] = [
  ...groups.flatMap(({ context, files, templates }) =>
    templates.map((template) => ({ template, context: { ...context, tree }, files: files ?? {} })),
  ),
  ...invalid.flatMap((template) =>
    ['INVALID', 'no <%s>!'].map((stringIfInvalid) => ({
      template,
      stringIfInvalid,
      context: values,
      files: { 'inc.html': '({{ x }})' },
    })),
  ),
  ...['{{ text }}{{ safe }}', '{% autoescape on %}{{ text }}{% endautoescape %}'].map((template) => ({
    template,
    context: values,
    autoescape: false,
  })),
  ...['Pacific/Apia', 'Asia/Kathmandu'].map((timeZone) => ({
    template: '{{ d|date:"T e O" }}',
    context: { d: { $date: '2024-03-31T01:00:00Z' } },
    timeZone,
  })),
  ...['Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney'].flatMap((timeZone) =>
    ['2024-02-29T13:05:09Z', '2024-07-01T23:30:00Z', '1999-12-31T23:59:59Z'].map((date) => ({
      template: '{{ d }} {{ d|date:"c r U e O T Z I P" }} {{ d|time:"H:i P" }}',
      timeZone,
      context: { d: { $date: date } },
    })),
  ),
]

export const errorCases: readonly TemplateCase[] = errors.map((template) => ({
  template,
  context: { list: [1, 2], three: [[1, 2, 3]], one: 1, x: '' },
  files: { a: 'A', b: 'B' },
}))
