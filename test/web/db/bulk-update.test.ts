import { expect, it } from 'vitest'
import { ModelRegistry, createTables, defineDatabases, f, model } from '../../../src/entry/web.ts'

it('bulkUpdate saves the named fields of many rows, all or none', async () => {
  const registry = new ModelRegistry()
  const Item = model(
    'Item',
    { name: f.char({ max: 9, unique: true }), votes: f.int({ default: 0 }) },
    { registry },
  )
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
  await createTables(databases.default, [Item])
  const items = await Item.objects.bulkCreate([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  for (const [i, item] of items.entries()) Object.assign(item, { votes: i + 1, name: `${item.name}!` })
  expect(await Item.objects.bulkUpdate(items.slice(0, 2), ['votes'])).toBe(2)
  const rows = (): Promise<unknown> => Item.objects.orderBy('id').valuesList('name', 'votes').toArray()
  expect(await rows()).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 0],
  ])
  for (const item of items) item.name = 'same'
  await expect(Item.objects.bulkUpdate(items, ['name', 'votes'])).rejects.toThrow(/unique/i)
  expect(await rows()).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 0],
  ])
  await expect(Item.objects.bulkUpdate(items, ['id'])).rejects.toThrow('primary key fields')
  await expect(Item.objects.bulkUpdate([new Item({ name: 'x' })], ['name'])).rejects.toThrow(
    'primary key set',
  )
  await expect(Item.objects.bulkUpdate(items, ['nope'])).rejects.toThrow("Cannot resolve keyword 'nope'")
})
