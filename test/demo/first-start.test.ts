import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineDatabases, User } from 'portico/web'
import { firstStart } from '../../src/demo/first-start.ts'
import { Entry } from '../../src/demo/models.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-demo-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('workers that start at once write the book once, and share one secret', async () => {
  const workers = Array.from({ length: 4 }, () =>
    defineDatabases({ default: `sqlite:${join(folder, 'demo.sqlite3')}` }),
  )
  const secrets = await Promise.all(workers.map(firstStart))
  expect(new Set(secrets).size).toBe(1)
  expect(secrets[0]).toMatch(/^[\w-]{64}$/)
  const counts = await Promise.all(workers.map((one) => one.run(() => Entry.objects.count())))
  expect(counts).toEqual([8, 8, 8, 8])
  for (const worker of workers) await worker.close()
})

test('a later start changes nothing', async () => {
  const url = `sqlite:${join(folder, 'demo.sqlite3')}`
  const first = defineDatabases({ default: url })
  const secret = await firstStart(first)
  await first.run(() => Entry.objects.all().delete())
  await first.close()
  const second = defineDatabases({ default: url })
  expect(await firstStart(second)).toBe(secret)
  expect(await second.run(() => Entry.objects.count())).toBe(0)
  expect(
    await second.run(async () => (await User.objects.get({ username: 'Zeno' })).hasUsablePassword()),
  ).toBe(false)
  await second.close()
})
