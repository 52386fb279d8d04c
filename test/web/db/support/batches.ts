/** Inserts batches of ever other sizes, and says on standard output how many megabytes that has left behind. */
import { createTables, defineDatabases, f, model } from '../../../../src/entry/web.ts'

const columns = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const
const Batch = model('Batch', Object.fromEntries(columns.map((name) => [name, f.int()])))
const row = Object.fromEntries(columns.map((name) => [name, 1]))

/** What V8 has let go is no part of it. */
function megabytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}

async function insert(rows: number): Promise<void> {
  await Batch.objects.bulkCreate(Array.from({ length: rows }, () => row))
  await Batch.objects.all().delete()
}

const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
await createTables(databases.default, [Batch])
await insert(2000)
const before = megabytes()
for (let rows = 1000; rows < 1500; rows += 5) {
  await insert(rows)
  if (rows % 20 === 0) megabytes()
}
console.log(Math.round(megabytes() - before))
await databases.close()
