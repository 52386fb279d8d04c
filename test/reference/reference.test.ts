/** Every public name is described, the page is current, and Django's names lead to names that are there. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FROM_DJANGO } from './from-django.ts'
import { publicNames } from './public-api.ts'
import { referencePage } from './reference-page.ts'

const names = publicNames()
const web = new Set(names.filter(({ module }) => module === 'web').map(({ name }) => name))

describe('the entry points', () => {
  it.each(names.filter(({ kind }) => kind !== 'namespace').map((item) => [item.name, item.doc]))(
    '%s has a docstring',
    (_name, doc) => {
      expect(doc.length).toBeGreaterThan(10)
    },
  )

  it.each(FROM_DJANGO.map(([django, ours]) => [django, ours]))('%s is %s', (_django, ours) => {
    expect(web).toContain(ours)
  })

  it('stand in src/entry/reference.md as they are (npm run reference writes it)', () => {
    const page = readFileSync(new URL('../../src/entry/reference.md', import.meta.url), 'utf8')
    expect(page).toBe(referencePage(names))
  })
})
