import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeer } from '../../support/peer.ts'
import { cases } from './form-view-cases.ts'
import { answer, databases, makeTables } from './form-view-site.ts'

describeWithPeer('python3', 'as the generic views of Django', (python = '') => {
  let django: unknown[] = []
  beforeAll(async () => {
    await makeTables()
    const script = new URL('django-form-views.py', import.meta.url).pathname
    const input = JSON.stringify(cases)
    django = JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8' })) as unknown[]
  }, 120_000)
  afterAll(() => databases.close())

  test.each(cases.map((one, i) => [one.method, one.path, JSON.stringify(one.form ?? null), i] as const))(
    '%s %s %s',
    async (_method, _path, _form, i) => {
      const one = cases[i]
      if (one === undefined) throw new Error('no such case')
      expect(await answer(one)).toEqual(django[i])
    },
  )
})
