import { describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'

const engine = new Engine({
  loaders: [
    memorySource({
      'base.html': '<h1>{% block title %}Base{% endblock %}</h1>{% block body %}{% endblock %}',
      'child.html':
        '{% extends "base.html" %}{% block title %}{{ who }} of {{ block.super }}{% endblock %}' +
        '{% block body %}{% for x in items %}{% include "item.html" %}{% empty %}none{% endfor %}{% endblock %}',
      'item.html': '[{{ forloop.counter }} {{ x.name|upper }}]',
      'grandchild.html': '{% extends "./child.html" %}{% block title %}{{ block.super }}!{% endblock %}',
    }),
  ],
})

const items = [{ name: 'a<' }, { name: 'b' }]

describe('templates that extend and include others', () => {
  it.each([
    ['child.html', '<h1>me of Base</h1>[1 A&lt;][2 B]'],
    ['grandchild.html', '<h1>me of Base!</h1>[1 A&lt;][2 B]'],
  ])('render %s at once when nothing has to be waited for', (name, html) => {
    expect(engine.getTemplate(name).render({ who: 'me', items })).toBe(html)
  })

  it('gives a promise of the same text when values are promises', async () => {
    const values = {
      who: Promise.resolve('me'),
      items: Promise.resolve([{ name: Promise.resolve('a<') }, items[1]]),
    }
    const output = engine.getTemplate('grandchild.html').render(values)
    expect(output).toBeInstanceOf(Promise)
    expect(await output).toBe('<h1>me of Base!</h1>[1 A&lt;][2 B]')
  })
})
