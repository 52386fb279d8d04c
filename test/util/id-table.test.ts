import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdTable } from '../../src/util/id-table.ts'

test('is what a Map of the same calls is', () => {
  const id = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 65_000, max: 65_535 }))
  const call = fc.tuple(fc.constantFrom('set', 'delete', 'clear'), id)
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const table = new IdTable<{ readonly id: number }>()
      const map = new Map<number, { readonly id: number }>()
      for (const [name, at] of calls) {
        const value = { id: at }
        if (name === 'set') {
          table.set(at, value)
          map.set(at, value)
        } else if (name === 'delete') expect(table.delete(at)).toBe(map.delete(at))
        else if (at < 50) {
          table.clear()
          map.clear()
        }
        expect(table.get(at)).toBe(map.get(at))
        expect(table.has(at)).toBe(map.has(at))
        expect(table.size).toBe(map.size)
      }
      expect(table.values()).toEqual([...map.values()].sort((a, b) => a.id - b.id))
    }),
  )
})
