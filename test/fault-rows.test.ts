/** Each fault of the list is held by tests that are there, under the names that the list gives. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAULT_ROWS, GROUPS, UNHELD } from './fault-rows.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

describe('A fault', () => {
  const rows = Object.entries(FAULT_ROWS).flatMap(([fault, tests]) =>
    tests.flatMap(([file, ...names]) => names.map((name) => [fault, name, file] as const)),
  )
  it.each(rows)('%s is held: %s (%s)', (_fault, name, file) => {
    expect(read(file)).toContain(name)
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
