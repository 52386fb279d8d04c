/** One of several processes that write the same SQLite file: node writer.ts FILE NAME COUNT MODE */
import { F, defineDatabases, f, model } from '../../../../src/entry/web.ts'

const Counter = model('Counter', { name: f.char({ max: 20, unique: true }), value: f.int({ default: 0 }) })
const Entry = model('Entry', { writer: f.char({ max: 20 }), n: f.int() })

const [file = '', name = '', count = '0', mode = ''] = process.argv.slice(2)
const databases = defineDatabases({ default: `sqlite:${file}` }).bind()

const work: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
  /** One statement each. */
  statements: async (n) => {
    await Entry.objects.create({ writer: name, n })
    await Counter.objects.filter({ name: 'shared' }).update({ value: F('value').add(1) })
  },
  /** Read, wait, write back: right only if nobody else comes in between. */
  transactions: (n) =>
    databases.default.atomic(async () => {
      const counter = await Counter.objects.get({ name: 'shared' })
      await new Promise((resolve) => setTimeout(resolve, 1))
      counter.value++
      await counter.save()
      await Entry.objects.create({ writer: name, n })
    }),
}

const one = work[mode]
if (one === undefined) throw new Error(`No mode ${mode}`)
// Several at a time in each process too.
for (let n = 0; n < Number(count); n += 5) {
  await Promise.all(Array.from({ length: 5 }, (_, i) => one(n + i)))
}
await databases.close()
