import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTables, defineDatabases } from 'portico/web'
import { describeWithPeer } from '../../support/peer.ts'
import { cases } from './model-form-cases.ts'
import { Article, Author, fill, run, Tag } from './model-forms.ts'

/** What Django has only since 5: what is wrong is tied to its field for screen readers. */
const newer =
  / aria-invalid="true" aria-describedby="[^"]*_error"|(?<=<ul class="errorlist") id="[^"]*_error"/g

describeWithPeer('python3', 'as the forms of Django', (python = '') => {
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  let django: Record<string, unknown>[] = []
  beforeAll(async () => {
    await createTables(databases.default, [Author, Tag, Article])
    await databases.run(fill)
    const script = new URL('django-forms.py', import.meta.url).pathname
    django = JSON.parse(
      execFileSync(python, [script], { input: JSON.stringify(cases), encoding: 'utf8' }),
    ) as typeof django
  }, 120_000)
  afterAll(() => databases.close())

  test.each(cases.map((one, i) => [one.form, one.name, i] as const))('%s: %s', async (_form, _name, i) => {
    const one = cases[i]
    if (one === undefined) throw new Error('no such case')
    const ours = (await run(databases, one)) as { html: string[] }
    const html = ours.html.map((text) => text.replaceAll(newer, ''))
    expect({ ...ours, html }).toEqual(django[i])
  })
})
