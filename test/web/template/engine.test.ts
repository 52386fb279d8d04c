import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import { renderNow } from './support/render-now.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'templates-'))
  for (const folder of ['one', 'two', 'outside']) mkdirSync(join(root, folder, 'sub'), { recursive: true })
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

let clock = 1_000_000_000
/** Every write has a later time than the one before, as it would have with people between them. */
function write(path: string, text: string): void {
  writeFileSync(join(root, path), text)
  clock += 10
  utimesSync(join(root, path), clock, clock)
}

const dirs = (): string[] => [join(root, 'one'), join(root, 'two')]

describe('templates in folders', () => {
  it('are found in the first folder that has them', () => {
    write('two/a.html', 'two')
    write('two/sub/b.html', '{% include "./c.html" %}')
    write('one/sub/c.html', 'c')
    const engine = new Engine({ dirs: dirs() })
    expect(engine.getTemplate('a.html').render()).toBe('two')
    expect(engine.getTemplate('sub/b.html').render()).toBe('c')
    expect(engine.getTemplate('a.html').origin.name).toBe(join(root, 'two/a.html'))
  })

  it('come after those of the loaders', () => {
    write('one/a.html', 'file')
    write('one/b.html', 'file b')
    const engine = new Engine({ loaders: [memorySource({ 'a.html': 'memory' })], dirs: dirs() })
    expect(renderNow('{% include "a.html" %}{% include "b.html" %}', {}, engine)).toBe('memoryfile b')
  })

  it('are compiled once', () => {
    write('one/a.html', 'old')
    const engine = new Engine({ dirs: dirs() })
    const template = engine.getTemplate('a.html')
    write('one/a.html', 'new')
    expect(engine.getTemplate('a.html')).toBe(template)
    expect(template.render()).toBe('old')
  })

  it('are read again in development when they have changed, and only then', () => {
    write('two/a.html', '{% extends "base.html" %}{% block x %}1{% endblock %}')
    write('two/base.html', '[{% block x %}{% endblock %}{% include "inc.html" %}]')
    write('two/inc.html', 'i')
    const engine = new Engine({ dirs: dirs(), debug: true })
    const template = engine.getTemplate('a.html')
    expect(template.render()).toBe('[1i]')
    expect(engine.getTemplate('a.html')).toBe(template)
    write('two/base.html', '<{% block x %}{% endblock %}{% include "inc.html" %}>')
    write('two/inc.html', 'j')
    expect(template.render()).toBe('<1j>')
    write('one/a.html', 'before')
    expect(engine.getTemplate('a.html').render()).toBe('before')
    rmSync(join(root, 'one/a.html'))
    expect(engine.getTemplate('a.html').render()).toBe('<1j>')
    rmSync(join(root, 'two/a.html'))
    expect(() => engine.getTemplate('a.html')).toThrow('a.html')
  })

  it('stay the same while one rendering goes on', async () => {
    write('one/inc.html', 'old ')
    const engine = new Engine({ dirs: dirs(), debug: true })
    const change = (): string => {
      write('one/inc.html', 'new ')
      return ''
    }
    const template = engine.fromString('{% include "inc.html" %}{{ change }}{% include "inc.html" %}')
    expect(await template.render({ change })).toBe('old old ')
    expect(await template.render({})).toBe('new new ')
  })

  it('lie below them, whatever the name and whatever links lead out', () => {
    write('outside/secret.html', 'SECRET')
    write('one/in.html', 'in')
    symlinkSync(join(root, 'outside/secret.html'), join(root, 'one/file.html'))
    symlinkSync(join(root, 'outside'), join(root, 'one/folder'))
    symlinkSync(join(root, 'one/in.html'), join(root, 'one/inside.html'))
    symlinkSync('nowhere', join(root, 'one/dangling.html'))
    symlinkSync('ring.html', join(root, 'one/ring.html'))
    const engine = new Engine({ dirs: dirs() })
    const bad = ['../outside/secret.html', 'sub/../../outside/secret.html', join(root, 'outside/secret.html')]
    const linked = [
      'file.html',
      'folder/secret.html',
      'dangling.html',
      'ring.html',
      'sub',
      'in.html/x',
      'in.html\0',
    ]
    for (const name of [...bad, ...linked, 'x'.repeat(300)]) {
      expect(() => engine.getTemplate(name)).toThrow(
        expect.objectContaining({ name: 'TemplateDoesNotExist' }),
      )
    }
    expect(engine.getTemplate('inside.html').render()).toBe('in')
  })

  it('cannot be taken from elsewhere by templates and the values that they are given', () => {
    write('outside/secret.html', 'SECRET')
    const engine = new Engine({ dirs: dirs() })
    for (const tag of ['include', 'extends']) {
      const template = engine.fromString(`{% ${tag} name %}`)
      for (const name of [
        '../outside/secret.html',
        '..\\outside\\secret.html',
        join(root, 'outside/secret.html'),
      ]) {
        expect(() => template.render({ name })).toThrow()
      }
    }
  })
})

describe('the context of a request', () => {
  const request = { id: 7 }

  it('is made by the processors, later over earlier, under what the view gives', () => {
    const engine = new Engine({
      contextProcessors: [() => ({ a: 'p1', b: 'p1', c: 'p1' }), (r) => ({ b: 'p2', c: 'p2', request: r })],
    })
    const template = engine.fromString('{{ a }} {{ b }} {{ c }} {{ request.id }}')
    expect(template.render({ c: 'view' }, request)).toBe('p1 p2 view 7')
    expect(template.render({ c: 'view' })).toBe('  view ')
  })

  it('may have to be waited for', async () => {
    const engine = new Engine({
      contextProcessors: [async () => ({ a: 1 }), () => ({ b: 2 }), async () => ({ a: 3 })],
    })
    const output = engine.fromString('{{ a }}{{ b }}{{ c }}').render({ c: 4 }, request)
    expect(output).toBeInstanceOf(Promise)
    expect(await output).toBe('324')
  })

  it('runs getters and functions only when a template names them', () => {
    let asked = 0
    const lazy = {
      get slow() {
        return ++asked
      },
      called: () => ++asked,
    }
    const engine = new Engine({ contextProcessors: [() => lazy] })
    expect(engine.fromString('nothing').render(lazy, request)).toBe('nothing')
    expect(asked).toBe(0)
    expect(engine.fromString('{{ slow }}{{ called }}').render({}, request)).toBe('12')
  })

  it('has the token for forms, made when a form asks for it', async () => {
    let made = 0
    const token = (r: unknown): string => {
      expect(r).toBe(request)
      return `t<${++made}`
    }
    const engine = new Engine({
      csrfToken: token,
      loaders: [memorySource({ 'form.html': '{% csrf_token %}' })],
    })
    expect(engine.fromString('x').render({}, request)).toBe('x')
    expect(made).toBe(0)
    const field = '<input type="hidden" name="csrfmiddlewaretoken" value="t&lt;1">'
    expect(engine.fromString('{% include "form.html" %}').render({}, request)).toBe(field)
    expect(engine.fromString('{{ csrf_token }}').render({}, request)).toBe('t&lt;2')
    expect(engine.fromString('{% csrf_token %}').render({})).toBe('')
    const slow = new Engine({ csrfToken: async () => 'later' })
    expect(await slow.fromString('{% csrf_token %}').render({}, request)).toContain('value="later"')
  })
})

describe('an engine', () => {
  it('reports what was rendered, and for how long, once per page', async () => {
    const seen: [string, boolean][] = []
    const engine = new Engine({
      loaders: [
        memorySource({ 'a.html': '{% include "b.html" %}', 'b.html': '{{ x }}', 'bad.html': '{{ x.y }}' }),
      ],
      onRender: (name, ms) => seen.push([name, ms >= 0 && ms < 10_000]),
    })
    await engine.getTemplate('a.html').render({ x: 1 })
    await engine.getTemplate('a.html').render({ x: Promise.resolve(1) })
    await engine.fromString('x').render()
    expect(seen).toEqual([['a.html', true], ['a.html', true], ['<unknown source>', true]]) // prettier-ignore
  })

  it.each<[string, ConstructorParameters<typeof Engine>[0], string]>([
    ['{{ missing }}|{{ missing|upper }}', { stringIfInvalid: '?%s?' }, '?missing?|?missing?'],
    ['{{ "<"|default:"x" }}{{ v }}', { autoescape: false }, '<<'],
    [
      '{% load static %}{% static "a b.css" %}',
      { staticUrl: (path) => `/s/${path}?v=1&x` },
      '/s/a b.css?v=1&amp;x',
    ],
    ['{{ d|date:"H:i e" }} {{ d }}', { timeZone: 'Europe/Berlin' }, '14:30 CET Jan. 15, 2024, 2:30 p.m.'],
    ['{% now "Y-m-d" %}', { now: () => new Date('2030-02-03T23:59:59Z') }, '2030-02-03'],
    ['{{ list|random }}', { random: () => 0.5 }, 'b'],
    ['{% lorem 3 w random %}', { random: () => 0 }, 'sed ut perspiciatis'],
    ['{% lorem 1 b random %}', { random: () => 0 }, 'Sed ut perspiciatis?'],
  ])('renders %s as its options say', (template, options, html) => {
    const values = { v: '<', d: new Date('2024-01-15T13:30:00Z'), list: ['a', 'b', 'c'] }
    expect(renderNow(template, values, new Engine(options))).toBe(html)
  })

  it('shows the context only while debugging', () => {
    expect(renderNow('{% debug %}', { secret: '<x>' })).toBe('')
    expect(renderNow('{% debug %}', { secret: '<x>' }, new Engine({ debug: true }))).toContain('&lt;x&gt;')
  })

  it('renders a template any number of times, also at once', async () => {
    const template = new Engine().fromString('{% for x in list %}{% cycle "a" "b" %}{% ifchanged %}{{ slow }}{% endifchanged %}{% endfor %}')
    const once = 'aSba'
    expect(template.render({ list: [1, 2, 3], slow: 'S' })).toBe(once)
    const many = Array.from({ length: 5 }, async () => template.render({ list: [1, 2, 3], slow: Promise.resolve('S') }))
    expect(await Promise.all(many)).toEqual(Array.from({ length: 5 }, () => once))
  }) // prettier-ignore
})
