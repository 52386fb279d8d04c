import { describe, expect, it } from 'vitest'
import { F, ModelRegistry, createTables, defineDatabases, f, model } from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'

/** Two queries that are not one must not have one compiled form. */

function fresh(): { registry: ModelRegistry; databases: Databases } {
  const registry = new ModelRegistry()
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
  return { registry, databases }
}

/** The first paths of the process: their ids are 1 to 14, of which some begin others. */
it('changes the columns it names, whatever stands beside them', async () => {
  const { registry, databases } = fresh()
  const names = Array.from({ length: 13 }, (_, i) => `n${i + 1}` as const)
  const Wide = model('Wide', Object.fromEntries(names.map((name, i) => [name, f.int({ default: i + 1 })])), {
    registry,
  })
  const start = Object.fromEntries(names.map((name, i) => [name, i + 1])) as never
  await createTables(databases.default, [Wide])
  await Wide.objects.create({})
  const update = async (changes: Record<string, string>): Promise<void> => {
    const all = Object.entries(changes).map(([column, from]) => [column, F(from)])
    await Wide.objects.update(Object.fromEntries(all) as never)
  }
  const row = async (): Promise<Record<string, number>> => {
    const [values] = await Wide.objects.values(...names)
    return values as unknown as Record<string, number>
  }
  for (const one of names) {
    for (const other of names) {
      await Wide.objects.update(start)
      await update({ n3: one, n12: other })
      expect((await row())['n2'], `n3 = ${one}, n12 = ${other}`).toBe(2)
      await Wide.objects.update(start)
      await update({ n3: one, n2: other })
      expect((await row())['n12'], `n3 = ${one}, n2 = ${other}`).toBe(12)
    }
  }
})

describe('two models of one table', () => {
  async function two() {
    const { registry, databases } = fresh()
    const One = model(
      'One',
      { name: f.char({ max: 9 }), code: f.char({ max: 9 }) },
      { registry, table: 'thing' },
    )
    const Other = model(
      'Other',
      { code: f.char({ max: 9 }), name: f.char({ max: 9 }) },
      { registry, table: 'thing', managed: false, ordering: ['-id'] },
    )
    await createTables(databases.default, [One])
    return { One, Other }
  }

  it('each give rows of their own, in their own order', async () => {
    const { One, Other } = await two()
    await One.objects.create({ name: 'a', code: '1' })
    await One.objects.create({ name: 'b', code: '2' })
    const ones = await One.objects.all()
    const others = await Other.objects.all()
    expect(ones.map(({ name, code }) => name + code)).toEqual(['a1', 'b2'])
    expect(others.map(({ name, code }) => name + code)).toEqual(['b2', 'a1'])
    expect([ones[0] instanceof One, others[0] instanceof Other]).toEqual([true, true])
  })

  it('each write the columns that they name', async () => {
    const { One, Other } = await two()
    const one = await One.objects.create({ name: 'a', code: '1' })
    const other = await Other.objects.create({ name: 'b', code: '2' })
    one.name = 'c'
    await one.save()
    other.name = 'd'
    await other.save()
    await One.objects.filter({ id: one.id }).update({ name: 'e' })
    await Other.objects.filter({ id: other.id }).update({ name: 'g' })
    await One.objects.bulkCreate([{ name: 'x', code: '8' }])
    await Other.objects.bulkCreate([{ name: 'y', code: '9' }])
    const rows = await One.objects.valuesList('name', 'code').orderBy('id')
    expect(rows).toEqual([
      ['e', '1'],
      ['g', '2'],
      ['x', '8'],
      ['y', '9'],
    ])
  })
})
