import { spawnSync } from 'node:child_process'
import { beforeAll, expect, it } from 'vitest'
import { describeWithPeer } from '../../support/peer.ts'
import { acceptedReason, deviations } from './cases/deviations.ts'
import { filterCases } from './cases/filter-cases.ts'
import { randomCases } from './cases/random-cases.ts'
import { errorCases, tagCases } from './cases/tag-cases.ts'
import { renderCase, type Result, type TemplateCase } from './support/cases.ts'

const random = randomCases(20_241, 600)
const script = new URL('support/render_with_django.py', import.meta.url).pathname

/** One Python process renders all cases. */
function renderWithDjango(python: string, cases: readonly TemplateCase[]): Map<TemplateCase, Result> {
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`Django could not be run: ${stderr}`)
  const results: unknown = JSON.parse(stdout)
  if (!Array.isArray(results)) throw new Error('Django gave no list of results')
  return new Map(cases.map((test, i) => [test, results[i] as Result]))
}

/** Exceptions of Python's have no counterpart of the same name here: that there is one has to do. */
function agree(ours: Result, theirs: Result): boolean {
  if ('output' in theirs) return 'output' in ours && ours.output === theirs.output
  if ('error' in theirs)
    return 'error' in ours && ours.error === theirs.error && ours.message === theirs.message
  return !('output' in ours)
}

describeWithPeer('python3', 'compared with Django 3.2', (python) => {
  let django = new Map<TemplateCase, Result>()

  beforeAll(() => {
    django = renderWithDjango(python, [
      ...tagCases,
      ...errorCases,
      ...deviations,
      ...random,
      ...filterCases.flatMap(([, cases]) => cases),
    ])
  })

  function theirs(test: TemplateCase): Result {
    const result = django.get(test)
    if (!result) throw new Error('a case that Django did not render')
    return result
  }

  async function differences(cases: readonly TemplateCase[]): Promise<object[]> {
    const found: object[] = []
    for (const test of cases) {
      const ours = await renderCase(test)
      const result = theirs(test)
      if (!agree(ours, result) && acceptedReason(test, result) === undefined)
        found.push({ test, ours, django: result })
    }
    return found
  }

  it.each(tagCases.map((test) => [test.template, test] as const))(
    'renders the same from %j',
    async (_, test) => {
      const result = theirs(test)
      expect(result).toHaveProperty('output')
      expect(await renderCase(test)).toEqual(result)
    },
  )

  it.each(errorCases.map((test) => [test.template, test] as const))('fails alike on %j', async (_, test) => {
    const [ours, result] = [await renderCase(test), theirs(test)]
    if ('exception' in result) expect(ours).not.toHaveProperty('output')
    else expect(ours).toEqual(result)
  })

  it.each(filterCases)('has the same results from %s', async (_, cases) => {
    expect(await differences(cases)).toEqual([])
  })

  it('renders the same from templates that chance has written', async () => {
    expect(await differences(random)).toEqual([])
    expect(random.filter((test) => 'output' in theirs(test)).length).toBeGreaterThan(300)
  })

  it.each(deviations.map((test) => [test.template, test.reason, test] as const))(
    'differs on %j: %s',
    async (_template, _reason, test) => {
      expect(await renderCase(test)).toEqual({ output: test.ours })
      expect(theirs(test)).not.toEqual({ output: test.ours })
    },
  )
})
