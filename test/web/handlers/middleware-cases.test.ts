import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { describeWithPeer } from '../../support/peer.ts'
import { middlewareCases } from './middleware-cases.ts'
import { runCase } from './run-case.ts'

describe.each(['sync', 'async'] as const)('%s', (mode) => {
  describe('the onion', () => {
    test.each(middlewareCases)('$title', async (row) => {
      expect(await runCase(row, 'onion', mode)).toBe(row.onion)
    })
  })
  describe('the flat lists', () => {
    test.each(middlewareCases.filter((row) => row.flat !== null))('$title', async (row) => {
      expect(await runCase(row, 'flat', mode)).toBe(row.flat ?? row.onion)
    })
  })
})

describeWithPeer('python3', "Django's onion", (python = '') => {
  const script = new URL('django-cases.py', import.meta.url).pathname
  let traces: string[] | null = null
  const django = (index: number): string | undefined => {
    traces ??= JSON.parse(
      execFileSync(python, [script], {
        input: JSON.stringify(middlewareCases),
        encoding: 'utf8',
        timeout: 30_000,
      }),
    ) as string[]
    return traces[index]
  }
  test.each(middlewareCases.map((row, index) => ({ ...row, index })))(
    '$title',
    ({ index, onion, differs }) => {
      // A row that says it differs has to differ, or its reason is out of date.
      if (differs === undefined) expect(django(index)).toBe(onion)
      else expect(django(index)).not.toBe(onion)
    },
  )
})
