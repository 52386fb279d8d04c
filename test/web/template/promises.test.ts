import { createHook } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../../src/web/template/engine.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import { errorCases, tagCases } from './cases/tag-cases.ts'
import { renderCase } from './support/cases.ts'

type Values = Record<string, unknown>

function mapValues(values: Values, change: (value: unknown) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}

/** Something lazy, as a query set is: it can be awaited, and is no promise. */
class Lazy implements PromiseLike<unknown> {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  // It stands for every object with a `then`.
  then<A, B>(
    done?: ((value: unknown) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Promise.resolve(this.#value).then(done, failed)
  }

  /** Asked before the value itself. */
  own(): string {
    return 'own'
  }
}

const cases = [...tagCases, ...errorCases].map((test) => [test.template, test] as const)

describe('values that are promises', () => {
  it.each(cases)('give what values give: %j', async (_, test) => {
    const plain = await renderCase(test)
    const kinds: [string, (value: unknown) => unknown][] = [
      ['promise', (value) => Promise.resolve(value)],
      ['function', (value) => () => value],
      ['async function', (value) => async () => value],
      ['lazy', (value) => new Lazy(value)],
    ]
    for (const [kind, wrap] of kinds) {
      const result = await renderCase(test, (values) => mapValues(values, wrap))
      expect({ kind, ...result }).toEqual({ kind, ...plain })
    }
  })

  const engine = new Engine({ loaders: [memorySource({ 'inc.html': '({{ x }}{{ slow }})' })] })
  const render = (template: string, values: Values) => engine.fromString(template).render(values)

  it.each<[string, Values, string]>([
    ['{{ a.b.c }}', { a: Promise.resolve({ b: async () => ({ c: Promise.resolve('<') }) }) }, '&lt;'],
    ['{% for x in list %}{{ x.v }}{% if x.v %}!{% endif %}{% endfor %}', { list: [1, 0].map((v) => ({ v: Promise.resolve(v) })) }, '1!0'],
    ['{% for x in list %}{% include "inc.html" %}{% endfor %}{{ x }}', { list: [1, 2], slow: Promise.resolve('s') }, '(1s)(2s)'],
    ['{% for x in rows %}{{ forloop.counter }}{{ x }}{% empty %}none{% endfor %}', { rows: (async function* () { yield* ['a', 'b'] })() }, '1a2b'],
    ['{{ lazy.own }} {{ lazy.x }}', { lazy: new Lazy({ x: 1 }) }, 'own 1'],
    ['{% if a and b or c %}y{% else %}n{% endif %}', { a: Promise.resolve(1), b: Promise.resolve(0), c: Promise.resolve([1]) }, 'y'],
    ['{% if bad == 1 %}y{% else %}n{% endif %}', { bad: () => Promise.reject(new Error('bad')) }, 'n'],
    ['{% with x=slow %}{{ x }}{% endwith %}[{{ x }}]', { slow: Promise.resolve('s') }, 's[]'],
    ['{% autoescape off %}{{ t }}{% endautoescape %}{{ t }}', { t: Promise.resolve('<') }, '<&lt;'],
    ['{{ undefined_later }}|{{ undefined_later|default:"d" }}', { undefined_later: Promise.resolve(undefined) }, '|d'],
    ['{{ list|join:sep }}', { list: Promise.resolve(['a', 'b']), sep: Promise.resolve('<') }, 'a&lt;b'],
  ])('are waited for where they turn up: %j', async (template, values, html) => {
    const output = render(template, values)
    expect(output).toBeInstanceOf(Promise)
    expect(await output).toBe(html)
  }) // prettier-ignore

  it('fail the rendering when they fail, and the others of the context are not left unhandled', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const later = (message: string) => new Promise((_, reject) => setImmediate(() => { reject(new Error(message)) })) // prettier-ignore
    const output = render('{{ a }}{{ b }}', { a: later('first'), b: later('second') })
    await expect(output).rejects.toThrow('first')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })

  it('leave the context as it was when they fail in the midst of loops and blocks', async () => {
    const context = engine.makeContext({ list: [1], bad: () => Promise.reject(new Error('bad')) }, undefined)
    if (context instanceof Promise) throw new Error('nothing has to be waited for')
    const template = engine.fromString(
      '{% for x in list %}{% with y=1 %}{% autoescape off %}{{ bad }}{% endautoescape %}{% endwith %}{% endfor %}',
    )
    const before = context.depth
    await expect(template.render(context)).rejects.toThrow('bad')
    expect([context.depth, context.autoescape, context.has('x')]).toEqual([before, true, false])
  })
})

describe('a rendering without promises', () => {
  it('makes none, whatever tags and filters it uses', () => {
    const engine = new Engine({ staticUrl: '/static/', reverse: () => '/' })
    const templates = tagCases
      .filter(({ files }) => files === undefined || Object.keys(files).length === 0)
      .flatMap(({ template, context }) => {
        try {
          return [{ template: engine.fromString(template), context: context ?? {} }]
        } catch {
          return []
        }
      })
    expect(templates.length).toBeGreaterThan(150)
    let promises = 0
    const hook = createHook({
      init(_id, type) {
        if (type === 'PROMISE') promises++
      },
    }).enable()
    const outputs = templates.map(({ template, context }) => template.render(context))
    hook.disable()
    expect(outputs.filter((output) => typeof output !== 'string')).toEqual([])
    expect(promises).toBe(0)
  })
})
