import { describe, expect, it } from 'vitest'
import { NameMemory } from '../../src/util/name-memory.ts'

function add(memory: NameMemory, name: string): void {
  memory.add(Buffer.from(name, 'latin1'), 0, name.length)
}

function find(memory: NameMemory, name: string): string | undefined {
  return memory.find(Buffer.from(`..${name}..`, 'latin1'), 2, name.length)
}

describe('NameMemory', () => {
  it.each(['A', 'QUERY_STRING', '\xe9\xff\0', 'x'.repeat(64)])(
    'finds %j by its octets, wherever they are',
    (name) => {
      const memory = new NameMemory()
      expect(find(memory, name)).toBe(undefined)
      add(memory, name)
      expect(find(memory, name)).toBe(name)
    },
  )

  it('tells names apart that share a slot, by length and by each octet', () => {
    const memory = new NameMemory()
    const names = Array.from({ length: 3000 }, (_, i) => `HTTP_X_${i.toString(36)}`)
    for (const name of names) add(memory, name)
    for (const name of names) expect([name, undefined]).toContain(find(memory, name))
    add(memory, 'AB')
    for (const other of ['A', 'ABC', 'AC', 'BB', '']) expect(find(memory, other)).not.toBe('AB')
  })

  it('remembers neither empty nor very long names', () => {
    const memory = new NameMemory()
    for (const name of ['', 'x'.repeat(65)]) {
      add(memory, name)
      expect(find(memory, name)).toBe(undefined)
    }
  })

  it('keeps most of what it knows under a flood, and still learns', () => {
    const memory = new NameMemory()
    const known = Array.from({ length: 30 }, (_, i) => `KNOWN_${i}`)
    for (const name of known) add(memory, name)
    const before = known.filter((name) => find(memory, name) === name).length
    for (let i = 0; i < 300; i++) add(memory, `FLOOD_${i}`)
    expect(known.filter((name) => find(memory, name) === name).length).toBeGreaterThan(before * 0.8)
    for (let i = 0; i < 16; i++) add(memory, 'KNOWN_0')
    expect(find(memory, 'KNOWN_0')).toBe('KNOWN_0')
  })
})
