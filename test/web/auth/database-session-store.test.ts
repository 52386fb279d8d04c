import { beforeEach, describe, expect, it } from 'vitest'
import {
  Client,
  DatabaseSessionStore,
  DatabaseUnavailable,
  SessionRow,
  createTables,
  defineDatabases,
} from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'
import { makeSite } from './site.ts'

let databases: Databases
let now = Date.parse('2025-01-01T00:00:00Z')
const store = new DatabaseSessionStore('default', () => now)
const at = (seconds: number): Date => new Date(Date.parse('2025-01-01T00:00:00Z') + seconds * 1000)

beforeEach(async () => {
  now = Date.parse('2025-01-01T00:00:00Z')
  databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, [SessionRow])
})

describe('the database session store', () => {
  it('keeps what it is given, under keys that differ, until it expires', async () => {
    const [a, b] = [await store.create('{"a":1}', at(10)), await store.create('{"b":1}', at(20))]
    expect(a).toMatch(/^[a-z0-9]{32}$/)
    expect(a).not.toBe(b)
    expect([await store.load(a), await store.load(b)]).toEqual(['{"a":1}', '{"b":1}'])
    now += 10_000
    expect([await store.load(a), await store.load(b)]).toEqual([null, '{"b":1}'])
    expect(await store.clearExpired()).toBe(1)
    expect(await SessionRow.objects.count()).toBe(1)
  })

  it('changes what is there, and makes nothing of what is not', async () => {
    const key = await store.create('{}', at(10))
    expect(await store.update(key, '{"x":2}', at(30))).toBe(key)
    expect(await store.load(key)).toBe('{"x":2}')
    await store.delete(key)
    expect(await store.update(key, '{"x":3}', at(30))).toBe(null)
    await store.delete(key)
    expect(await SessionRow.objects.count()).toBe(0)
  })

  it.each([
    '',
    'x',
    'a'.repeat(33),
    'A'.repeat(32),
    'é'.repeat(32),
    "' OR 1=1 --",
    'a'.repeat(1e6),
    'a'.repeat(31) + '\u0000',
  ])('does not ask the database for a key that is none: %.20j', async (key) => {
    let queries = 0
    databases.default.onQuery(() => queries++)
    expect([await store.load(key), await store.update(key, '{}', at(1))]).toEqual([null, null])
    await store.delete(key)
    expect(queries).toBe(0)
  })
})

describe('a site on it (FAULTS Q2)', () => {
  it('makes no row for made-up keys, and takes none of them over', async () => {
    const site = await makeSite()
    const client = new Client(site.settings)
    for (const key of ['a'.repeat(32), 'x', 'ü', 'a'.repeat(5000)]) {
      client.cookies.set('sessionid', encodeURIComponent(key))
      expect((await client.get('/cart/')).text).toBe('undefined')
    }
    const count = () => site.databases.run(() => SessionRow.objects.count())
    expect(await count()).toBe(0)
    client.cookies.set('sessionid', 'a'.repeat(32))
    await client.get('/remember/')
    expect(client.cookies.get('sessionid')).not.toBe('a'.repeat(32))
    expect(await count()).toBe(1)
  })

  it('answers 503 where the session is needed while the database is down, and the rest as ever', async () => {
    const down = defineDatabases({ default: { url: 'sqlite:/nonexistent/folder/db.sqlite3', timeoutMs: 50 } })
    const site = await makeSite({ databases: down })
    const client = new Client(site.settings)
    expect((await client.get('/accounts/login/')).status).toBe(200)
    client.cookies.set('sessionid', 'a'.repeat(32))
    const answer = await client.get('/cart/')
    expect(answer.status).toBe(503)
    await expect(down.run(() => SessionRow.objects.count())).rejects.toThrow(DatabaseUnavailable)
  })
})
