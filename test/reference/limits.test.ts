/** `conf/limits.md` says what is so, and every limit in it is reached by a test. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultOf } from '../support/named-tests.ts'
import { LIMIT_ROWS } from './limit-rows.ts'
import { defaultOf, limitsPage } from './limits-page.ts'

const rows = Object.values(LIMIT_ROWS).flat()

describe('conf/limits.md', () => {
  it('is current (npm run reference writes it)', () => {
    expect(readFileSync(new URL('../../conf/limits.md', import.meta.url), 'utf8')).toBe(limitsPage())
  })

  it('takes its defaults from where the product has them', () => {
    const unit = 'bytes'
    expect(defaultOf({ directive: 'client_max_body_size' })).toBe('1m')
    expect(defaultOf({ directive: 'queue', context: 'app' })).toBe('1000 delay=100ms')
    expect(defaultOf({ setting: 'dataUploadMaxNumberFields' })).toBe('1,000')
    expect(defaultOf({ file: 'config/load.ts', constant: 'MAX_BYTES', unit })).toBe('67,108,864 bytes')
    expect(defaultOf({ file: 'io/log-stream.ts', constant: 'MAX_PENDING_BYTES', unit })).toBe(
      '1,048,576 bytes',
    )
    for (const place of [{ directive: 'no_such' }, { setting: 'debug' }]) expect(() => defaultOf(place)).toThrow('no default') // prettier-ignore
    expect(() => defaultOf({ file: 'config/load.ts', constant: 'NO_SUCH', unit })).toThrow('says no number')
  })
})

describe('The limit', () => {
  it.each(rows.map((row) => [row.of, row] as const))('of %s is reached', (_, { tests }) => {
    const faults = tests.flatMap(([file, ...names]) => names.map((name) => faultOf(file, name)))
    expect(faults.filter((fault) => fault !== undefined)).toEqual([])
    expect(faults.length).toBeGreaterThan(0)
  })
})
