/** Each fault of the list is held by tests that are there, under the names that the list gives. */
import { describe, expect, it } from 'vitest'
import { FAULT_ROWS, GROUPS, UNHELD } from './fault-rows.ts'
import { faultOf } from './support/named-tests.ts'

describe('A test that is named', () => {
  it.each([
    ['no-such.test.ts', 'anything', 'test/no-such.test.ts is not there'],
    ['soak/chaos.ts', 'const', 'test/soak/chaos.ts is neither a test nor imported by one'],
    ['supply-chain.test.ts', 'x y', 'nothing in test/supply-chain.test.ts says "x y", its comments apart'],
    [
      'supply-chain.test.ts',
      'Where',
      'nothing in test/supply-chain.test.ts says "Where", its comments apart',
    ],
    ['support/peer.ts', 'reason, () =>', 'it is skipped in test/support/peer.ts'],
  ])('in %s as %j: %s', (file, name, fault) => {
    expect(faultOf(file, name)).toBe(fault)
  })
})

describe('A fault', () => {
  const rows = Object.entries(FAULT_ROWS).flatMap(([fault, tests]) =>
    tests.flatMap(([file, ...names]) => names.map((name) => [fault, name, file] as const)),
  )
  it.each(rows)('%s is held: %s (%s)', (_fault, name, file) => {
    expect(faultOf(file, name)).toBeUndefined()
  })

  it('of each number is held, or there is a reason', () => {
    const all = Object.entries(GROUPS).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
    )
    expect([...Object.keys(FAULT_ROWS), ...Object.keys(UNHELD)].sort()).toEqual(all.sort())
  })

  it('is held or not, never both', () => {
    expect(Object.keys(UNHELD).filter((fault) => fault in FAULT_ROWS)).toEqual([])
  })
})
