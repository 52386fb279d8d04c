import { describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import {
  templateDebug,
  TemplateDoesNotExist,
  TemplateSyntaxError,
} from '../../../src/web/template/template-error.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'

const files = {
  'page.html': '<p>\n{% include "part.html" %}\n</p>',
  'part.html': 'one\ntwo {{ x.boom }} & more\nthree',
  'broken.html': 'a\n<b>{{ x|nope }}</b> {{ y }}\nc',
  'child.html': '{% extends "base.html" %}\n{% block a %}\n{{ x.boom }}{% endblock %}',
  'base.html': '<html>{% block a %}{% endblock %}</html>',
  'self.html': '.{% include "self.html" %}',
  'ping.html': '{% include "pong.html" %}',
  'pong.html': '{% include name %}',
  'loop.html': '{% extends "loop.html" %}',
  'a.html': '{% extends "b.html" %}',
  'b.html': '{% extends "a.html" %}',
  'deep.html':
    '{% if n|length < 5 %}{% with n=n|add:"x" %}{% include "deep.html" %}{% endwith %}{% else %}{{ n }}{% endif %}',
}
const engine = new Engine({ loaders: [memorySource(files)] })
const boom = { x: { boom: () => { throw new Error('boom') } } } // prettier-ignore
const later = { x: { boom: async () => Promise.reject(new Error('boom')) } }

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('an error', () => {
  it('of the syntax tells the place, the lines around it and the tag', () => {
    const error = errorOf(() => engine.getTemplate('broken.html'))
    expect(error).toBeInstanceOf(TemplateSyntaxError)
    expect(error).toHaveProperty('message', "Invalid filter: 'nope'")
    expect(templateDebug(error)).toEqual({
      message: "Invalid filter: 'nope'",
      name: 'broken.html',
      line: 2,
      sourceLines: [
        [1, 'a'],
        [2, '&lt;b&gt;{{ x|nope }}&lt;/b&gt; {{ y }}'],
        [3, 'c'],
      ],
      before: '&lt;b&gt;',
      during: '{{ x|nope }}',
      after: '&lt;/b&gt; {{ y }}',
      top: 1,
      bottom: 3,
      total: 3,
      start: 5,
      end: 17,
    })
    expect((error as Error).stack).toMatch(/^TemplateSyntaxError: Invalid filter: 'nope'\n {4}in template broken.html, line 2\n/)
  }) // prettier-ignore

  it('shows ten lines on either side', () => {
    const source = Array.from({ length: 50 }, (_, i) => `line ${i + 1}`)
    source[29] = '{% nope %}'
    const debug = templateDebug(errorOf(() => engine.fromString(source.join('\n'))))
    expect([debug?.line, debug?.top, debug?.bottom, debug?.total]).toEqual([30, 20, 40, 50])
    expect(debug?.sourceLines.map(([line]) => line)).toEqual(Array.from({ length: 21 }, (_, i) => i + 20))
  })

  it.each([
    ['page.html', 'part.html', 2, '{{ x.boom }}'],
    ['child.html', 'child.html', 3, '{{ x.boom }}'],
  ])('of a value in %s is placed in the template that it arose in, %s', async (name, place, line, during) => {
    const template = engine.getTemplate(name)
    const now = errorOf(() => template.render(boom))
    const then: unknown = await Promise.resolve(template.render(later)).catch((error: unknown) => error)
    for (const error of [now, then]) {
      expect(error).toHaveProperty('message', 'boom')
      expect(templateDebug(error)).toMatchObject({ name: place, line, during })
      expect((error as Error).stack).toContain(`in template ${place}, line ${line}`)
    }
  })

  it('of the innermost tag is the one that is shown', () => {
    const debug = templateDebug(errorOf(() => engine.fromString('{% if 1 %}\n{% for x in y %}\n{{ }}{% endfor %}{% endif %}')))
    expect(debug).toMatchObject({ line: 3, during: '{{ }}' })
  }) // prettier-ignore

  it('that was not thrown by a template has no place in one', () => {
    expect([templateDebug(new Error('x')), templateDebug(undefined), templateDebug('x')]).toEqual([undefined, undefined, undefined])
  }) // prettier-ignore
})

describe('a template that does not exist', () => {
  const first = memorySource({ 'x.html': 'x' })
  const second = { locate: (name: string) => `/second/${name}`, read: () => undefined }
  const site = new Engine({ loaders: [first, second] })

  it('is named, with the places that were tried', () => {
    const error = errorOf(() => site.getTemplate('no.html'))
    expect(error).toBeInstanceOf(TemplateDoesNotExist)
    expect(error).toMatchObject({
      message: 'no.html',
      tried: [
        ['no.html', 'Source does not exist'],
        ['/second/no.html', 'Source does not exist'],
      ],
    })
  })

  it('is passed over when one of several is wanted', () => {
    expect(site.selectTemplate(['no.html', 'x.html']).render()).toBe('x')
    expect(() => site.selectTemplate(['no.html', 'neither.html', 'no.html'])).toThrow('no.html, neither.html')
    expect(() => site.selectTemplate([])).toThrow('No template names provided')
  })

  it.each(['../x.html', '/x.html', 'a/../x.html', 'a//x.html', './x.html', 'x.html\0', 'a\\..\\x.html', '', '..', '.', 'a/..'])(
    'is %j, and no source is asked for it',
    (name) => {
      const asked: string[] = []
      const source = { locate: (path: string) => path, read: (path: string) => void asked.push(path) }
      expect(() => new Engine({ loaders: [source] }).getTemplate(name)).toThrow(TemplateDoesNotExist)
      expect(asked).toEqual([])
    },
  ) // prettier-ignore
})

describe('templates that call each other without end', () => {
  it.each(['self.html', 'ping.html'])('are stopped: %s', (name) => {
    const template = engine.getTemplate(name)
    expect(() => template.render({ name: 'ping.html' })).toThrow(/more than 100 levels deep: \.\.\. > /)
  })

  it('are stopped also when each has to wait', async () => {
    const output = engine.getTemplate('ping.html').render({ name: Promise.resolve('ping.html') })
    await expect(output).rejects.toThrow(/more than 100 levels deep/)
  })

  it.each(['loop.html', 'a.html'])('by extending are not found a second time: %s', (name) => {
    const error = errorOf(() => engine.getTemplate(name).render())
    expect(error).toBeInstanceOf(TemplateDoesNotExist)
    expect(error).toMatchObject({ tried: [[name, 'Skipped to avoid recursion']] })
  })

  it('may do so as long as there is an end', () => {
    expect(engine.getTemplate('deep.html').render({ n: '' })).toBe('xxxxx')
  })

  it('extend the one of the same name that comes later', () => {
    const site = new Engine({
      loaders: [
        { locate: (name) => `/one/${name}`, read: () => '{% extends "x.html" %}{% block a %}1{{ block.super }}{% endblock %}' },
        { locate: (name) => `/two/${name}`, read: () => '{% extends "x.html" %}{% block a %}2{{ block.super }}{% endblock %}' },
        { locate: (name) => `/three/${name}`, read: () => '[{% block a %}3{% endblock %}]' },
      ],
    })
    expect(site.getTemplate('x.html').render()).toBe('[123]')
    expect(site.getTemplate('x.html').render()).toBe('[123]')
  }) // prettier-ignore
})

describe('tags that the engine has not been set up for', () => {
  it('say what is missing', () => {
    expect(() => engine.fromString('{% url "x" %}').render()).toThrow("needs the engine's option `reverse`")
  })
})
