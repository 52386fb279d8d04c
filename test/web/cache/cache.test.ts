import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  atomic,
  Cache,
  cachesOf,
  CacheSessionStore,
  createTables,
  databaseCache,
  CacheRow,
  DatabaseCacheStore,
  defineCaches,
  defineDatabases,
  defineSettings,
  FileCacheStore,
  FileSessionStore,
  memoryCache,
  MemoryCacheStore,
  type CacheStore,
  type SessionStore,
  valkeyCache,
  ValkeyCacheStore,
} from 'portico/web'
import { ValkeyServer } from '../../support/valkey-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-cache-'))
const databases = defineDatabases({ default: 'sqlite::memory:' })
await createTables(databases.default)
const valkey = new ValkeyServer()
await valkey.start()
const onValkey = new ValkeyCacheStore(valkey.url(), { now })
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await databases.close()
  await onValkey.close()
  await valkey.destroy()
})

let nowMs = 1_000_000_000_000
function now(): number {
  return nowMs
}
/** Time goes on for us, and for the server, whose clock is its own. */
async function pass(ms: number): Promise<void> {
  nowMs += ms
  await valkey.age(ms)
}

const stores: readonly (readonly [string, () => CacheStore])[] = [
  ['memory', () => new MemoryCacheStore({ now })],
  ['file', () => new FileCacheStore(join(folder, 'cache'), { now })],
  ['database', () => new DatabaseCacheStore({ now })],
  ['Valkey', () => onValkey],
]

describe.each(stores)('the %s cache', (_name, make) => {
  let store: CacheStore
  let cache: Cache
  beforeEach(async () => {
    store = make()
    cache = new Cache(store, { now, keyPrefix: 'site' })
    await inDatabase(() => cache.clear())
  })
  const inDatabase = <T>(work: () => T): T => databases.run(work)

  it.each([
    ['text', 'a "quoted" \u{1f600}\nline'],
    ['a number', 1.5],
    ['null, which is a value', null],
    ['a list', [1, 'b', [true]]],
    ['an object', { a: { b: [] }, __proto__name: 1 }],
  ])('keeps %s', (_what, value) =>
    inDatabase(async () => {
      await cache.set('key', value)
      expect(await cache.get('key')).toEqual(value)
      expect(await cache.has('key')).toBe(true)
    }),
  )

  it('knows what is missing from what is null', () =>
    inDatabase(async () => {
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.get('key', { fallback: 7 })).toBe(7)
      await cache.set('key', null)
      expect(await cache.get('key', { fallback: 7 })).toBeNull()
    }))

  it('forgets after the time said, 300 seconds when none is', () =>
    inDatabase(async () => {
      await cache.set('short', 1, { timeout: 10 })
      await cache.set('usual', 1)
      await cache.set('ever', 1, { timeout: null })
      await cache.set('never', 1)
      await cache.set('never', 2, { timeout: 0 })
      expect([...(await cache.getMany(['short', 'usual', 'ever', 'never'])).keys()].sort()).toEqual([
        'ever',
        'short',
        'usual',
      ])
      await pass(10_000)
      expect(await cache.get('short')).toBeUndefined()
      await pass(200_000)
      expect(await cache.get('usual')).toBe(1)
      await pass(90_000)
      expect(await cache.get('usual')).toBeUndefined()
      await pass(1e12)
      expect(await cache.get('ever')).toBe(1)
    }))

  it('adds only where nothing is, or what is has ended', () =>
    inDatabase(async () => {
      expect(await cache.add('key', 1, { timeout: 5 })).toBe(true)
      expect(await cache.add('key', 2)).toBe(false)
      expect(await cache.get('key')).toBe(1)
      await pass(5000)
      expect(await cache.add('key', 3)).toBe(true)
      expect(await cache.get('key')).toBe(3)
    }))

  it('lets one of many add', () =>
    inDatabase(async () => {
      const tries = await Promise.all(Array.from({ length: 8 }, async (_, n) => cache.add('race', n)))
      expect(tries.filter(Boolean)).toHaveLength(1)
    }))

  it('counts, also when many count at once, and does not change the end', () =>
    inDatabase(async () => {
      await cache.set('n', 10, { timeout: 20 })
      expect(await cache.incr('n')).toBe(11)
      expect(await cache.decr('n', 5)).toBe(6)
      await Promise.all(Array.from({ length: 12 }, async () => cache.incr('n')))
      expect(await cache.get('n')).toBe(18)
      await pass(20_000)
      await expect((async () => cache.incr('n'))()).rejects.toThrow("Key 'n' not found")
      await cache.set('text', 'a')
      await expect((async () => cache.incr('text'))()).rejects.toThrow(TypeError)
    }))

  it('deletes, touches, and says whether something was there', () =>
    inDatabase(async () => {
      await cache.set('key', 1, { timeout: 5 })
      expect(await cache.touch('key', { timeout: 50 })).toBe(true)
      expect(await cache.touch('other')).toBe(false)
      await pass(49_000)
      expect(await cache.delete('key')).toBe(true)
      expect(await cache.delete('key')).toBe(false)
    }))

  it('makes what is missing once', () =>
    inDatabase(async () => {
      let made = 0
      const make = (): number => ++made
      expect(await cache.getOrSet('key', make)).toBe(1)
      expect(await cache.getOrSet('key', make)).toBe(1)
      expect(await cache.getOrSet('plain', 'x')).toBe('x')
      expect(await cache.getOrSet('later', async () => Promise.resolve(null))).toBeNull()
    }))

  it('keeps versions and prefixes apart', () =>
    inDatabase(async () => {
      const other = new Cache(store, { now, keyPrefix: 'other' })
      await cache.set('key', 'one')
      await cache.set('key', 'two', { version: 2 })
      expect(await cache.get('key', { version: 2 })).toBe('two')
      expect(await other.get('key')).toBeUndefined()
      expect(await cache.incrVersion('key', 4)).toBe(5)
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.get('key', { version: 5 })).toBe('one')
    }))

  it('takes many at once', () =>
    inDatabase(async () => {
      await cache.setMany({ a: 1, b: 2, c: 3 })
      await cache.deleteMany(['b', 'z'])
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual(
        new Map([
          ['a', 1],
          ['c', 3],
        ]),
      )
      await cache.clear()
      expect(await cache.getMany(['a', 'c'])).toEqual(new Map())
    }))

  it.each([
    '../../etc/passwd',
    'a\0b',
    'line\r\nSET x 1',
    'x'.repeat(10_000),
    "'; drop table portico_cache --",
    '',
    '__proto__',
  ])('takes the key %j like any other', (key) =>
    inDatabase(async () => {
      await cache.set(key, 'kept')
      expect(await cache.get(key)).toBe('kept')
      expect(await cache.get(`${key}x`)).toBeUndefined()
      expect(await cache.delete(key)).toBe(true)
    }),
  )

  it('gives a value of its own each time', () =>
    inDatabase(async () => {
      const value = { list: [1] }
      await cache.set('key', value)
      value.list.push(2)
      expect(await cache.get('key')).toEqual({ list: [1] })
    }))

  it('refuses what JSON has no form for', () => {
    // @ts-expect-error not a value of JSON
    expect(() => cache.set('key', () => 1)).toThrow(TypeError)
  })
})

describe('the memory cache', () => {
  it('drops what was used longest ago', () => {
    const store = new MemoryCacheStore({ maxEntries: 2 })
    store.set('a', '1', null)
    store.set('b', '2', null)
    store.get('a')
    store.set('c', '3', null)
    expect([store.get('a'), store.get('b'), store.get('c')]).toEqual(['1', null, '3'])
  })

  it('holds no more characters than it may', () => {
    const store = new MemoryCacheStore({ maxCharacters: 100 })
    for (let n = 0; n < 50; n++) store.set(`k${n % 7}`, 'x'.repeat(40), null)
    expect(store.size).toBe(2)
    store.set('huge', 'x'.repeat(200), null)
    expect([store.get('huge'), store.size]).toEqual([null, 2])
  })
})

describe('sessions in files', () => {
  it.each(['load', 'clearExpired'] as const)('%s ends none that was updated meanwhile', async (kind) => {
    const place = mkdtempSync(join(folder, 'sessions-'))
    let race = (): void => undefined
    const sessions = new FileSessionStore(place, () => {
      race()
      race = () => undefined
      return nowMs
    })
    const key = await sessions.create('{}', new Date(nowMs - 1))
    const [name = ''] = readdirSync(place)
    race = () => writeFileSync(join(place, name), `${nowMs + 1000}\n{"a":1}`)
    await (kind === 'load' ? sessions.load(key) : sessions.clearExpired())
    expect(await sessions.load(key)).toBe('{"a":1}')
    expect(readdirSync(place)).toEqual([name])
  })
})

describe('the file cache', () => {
  /** A store, and what another process does as soon as this one has read an expired value. */
  async function raced(theirs: string) {
    const place = mkdtempSync(join(folder, 'raced-'))
    let race = (): void => undefined
    const hurried = (): number => {
      race()
      race = () => undefined
      return nowMs
    }
    const store = new FileCacheStore(place, { now: hurried })
    await store.set('key', 'old', nowMs - 1)
    const [name = ''] = readdirSync(place)
    race = () => writeFileSync(join(place, name), theirs)
    return store
  }

  it('adds nothing over what another process added meanwhile', async () => {
    const store = await raced('\ntheirs')
    expect(await store.add('key', 'ours', null)).toBe(false)
    expect(await store.get('key')).toBe('theirs')
  })

  it('adds where another process wrote what is over, too', async () => {
    const store = await raced('1\ntheirs')
    expect(await store.add('key', 'ours', null)).toBe(true)
    expect(await store.get('key')).toBe('ours')
  })

  it('takes nothing away by a look at what was over', async () => {
    const store = await raced('\ntheirs')
    expect(await store.get('key')).toBeNull()
    expect(await store.get('key')).toBe('theirs')
  })

  it('names files by hashes, and takes a broken one for none', async () => {
    const place = join(folder, 'broken')
    const cache = new Cache(new FileCacheStore(place))
    await cache.set('../escape', 1)
    const [name = ''] = readdirSync(place)
    expect(name).toMatch(/^[0-9a-f]{64}\.cache$/)
    writeFileSync(join(place, name), 'rubbish')
    expect(await cache.get('../escape')).toBeUndefined()
  })

  it('has no more files than it may, about', async () => {
    const cache = new Cache(new FileCacheStore(join(folder, 'full'), { maxEntries: 50 }))
    for (let n = 0; n < 250; n++) await cache.set(`k${n}`, n)
    expect(readdirSync(join(folder, 'full')).length).toBeLessThan(200)
  })
})

describe('the database cache', () => {
  it('leaves a transaction whole in which it was refused', () =>
    databases.run(async () => {
      const cache = databaseCache()
      await cache.clear()
      await cache.set('key', 1)
      await atomic(async () => {
        expect(await cache.add('key', 2)).toBe(false)
        await cache.set('other', 3)
      })
      expect(await cache.get('other')).toBe(3)
    }))

  it('makes room', () =>
    databases.run(async () => {
      const store = new DatabaseCacheStore({ now, maxEntries: 30 })
      await store.clear()
      for (let n = 0; n < 101; n++) await store.set(`k${n}`, '1', nowMs + 1000 + n)
      expect(await store.get('k0')).toBeNull()
      expect(await store.get('k100')).toBe('1')
    }))

  it('makes room of what ends, before what never does', () =>
    databases.run(async () => {
      await new DatabaseCacheStore({ now }).clear()
      const full = () => new DatabaseCacheStore({ now, maxEntries: 3 })
      const store = new DatabaseCacheStore({ now })
      await store.set('forever', '1', null)
      for (const n of [1, 2, 3]) await store.set(`k${n}`, '1', nowMs + 1000 * n)
      await full().set('new', '1', nowMs + 9000)
      expect([await store.get('forever'), await store.get('k1'), await store.get('k3')]).toEqual([
        '1',
        null,
        '1',
      ])
    }))

  it('makes room of more rows than a query can name', () =>
    databases.run(async () => {
      const store = new DatabaseCacheStore({ now, maxEntries: 3 })
      await store.clear()
      const expires = new Date(nowMs + 1000)
      const rows = Array.from({ length: 33_000 }, (_, n) => ({ key: `k${n}`, value: '1', expires }))
      await CacheRow.objects.bulkCreate(rows)
      await store.set('new', '1', nowMs + 9000)
      expect([await CacheRow.objects.count(), await store.get('new')]).toEqual([3, '1'])
    }))
})

it('lets no key lead to what a longer one has', async () => {
  const cache = memoryCache()
  const long = 'a long key '.repeat(30)
  await cache.set(long, 'kept')
  const hash = cache.makeKey(long).slice(-64)
  expect(cache.makeKey(hash)).not.toBe(cache.makeKey(long))
  expect(await cache.get(hash)).toBeUndefined()
  await cache.set(hash, 'other')
  expect([await cache.get(long), await cache.get(hash)]).toEqual(['kept', 'other'])
})

describe('the caches of a site', () => {
  it('are those of its settings, and one in memory without any', () => {
    const caches = defineCaches({ default: memoryCache(), other: memoryCache() })
    const settings = defineSettings({ secretKey: 'x', caches })
    expect(cachesOf(settings).get('other')).toBe(caches.get('other'))
    expect(() => caches.get('none')).toThrow("The connection 'none' doesn't exist.")
    const plain = defineSettings({ secretKey: 'x' })
    expect(cachesOf(plain).default).toBe(cachesOf(plain).default)
    expect(cachesOf(plain).default).not.toBe(cachesOf(defineSettings({ secretKey: 'x' })).default)
  })
})

const sessionStores: readonly (readonly [string, () => SessionStore])[] = [
  ['cache', () => new CacheSessionStore(memoryCache({ now }), now)],
  ['Valkey cache', () => new CacheSessionStore(valkeyCache(valkey.url(), { now }), now)],
  ['file', () => new FileSessionStore(join(folder, 'sessions'), now)],
]

describe.each(sessionStores)('sessions in the %s store', (_name, make) => {
  const later = (seconds: number): Date => new Date(nowMs + seconds * 1000)

  it('live until they end or are ended', async () => {
    const store = make()
    const key = await store.create('{"a":1}', later(60))
    expect(key).toMatch(/^[a-z0-9]{32}$/)
    expect(await store.load(key)).toBe('{"a":1}')
    expect(await store.update(key, '{"a":2}', later(120))).toBe(key)
    await pass(119_000)
    expect(await store.load(key)).toBe('{"a":2}')
    await pass(1000)
    expect(await store.load(key)).toBeNull()
    const other = await store.create('{}', later(60))
    await store.delete(other)
    expect(await store.load(other)).toBeNull()
    expect(await store.update(other, '{"back":1}', later(60))).toBeNull()
    expect(await store.load(other)).toBeNull()
  })

  it.each(['../../../etc/passwd', '../beside', 'x'.repeat(10_000), '', 'a/b', 'é'.repeat(32), '\0'])(
    'take the key %j for unknown, and make nothing of it (FAULTS Q2)',
    async (key) => {
      const store = make()
      await store.delete(await store.create('{}', later(60))) // the folder of files is there
      const beside = join(folder, 'beside.session')
      writeFileSync(beside, `${later(60).getTime()}\n{}`)
      expect(await store.load(key)).toBeNull()
      expect(await store.update(key, '{}', later(60))).toBeNull()
      await store.delete(key)
      expect(readFileSync(beside, 'utf8')).toMatch(/\n\{\}$/)
    },
  )

  it('are cleared when they have ended', async () => {
    const store = make()
    if (store.clearExpired === undefined) return
    const gone = await store.create('{}', later(5))
    const kept = await store.create('{}', later(50))
    await pass(5000)
    expect(await store.clearExpired()).toBeGreaterThanOrEqual(1)
    expect([await store.load(gone), await store.load(kept)]).toEqual([null, '{}'])
  })
})
