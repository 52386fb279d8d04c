import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Cache,
  CacheSessionStore,
  CacheUnavailable,
  Client,
  defineCaches,
  defineSettings,
  HttpResponse,
  path,
  SessionMiddleware,
  valkeyCache,
  ValkeyCacheStore,
  type HttpRequest,
} from 'portico/web'
import { valkeyAddress } from '../../../src/web/cache/valkey-address.ts'
import { Certificates } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import { ValkeyServer } from '../../support/valkey-server.ts'

const certificates = new Certificates()
certificates.make({ name: 'ca', authority: true })
certificates.make({ name: 'cache', issuer: 'ca', names: 'IP:127.0.0.1,DNS:cache.test' })
const port = await freePort()
const tlsPort = await freePort()
const server = new ValkeyServer([
  ...[
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--tls-port',
    String(tlsPort),
    '--tls-auth-clients',
    'no',
  ],
  ...['--tls-cert-file', certificates.path('cache.crt'), '--tls-key-file', certificates.path('cache.key')],
  ...['--tls-ca-cert-file', certificates.path('ca.crt')],
  ...'--user app on >p@ss:w/rd ~* &* +@all'.split(' '),
  ...'--user reader on >secret ~* +@read +hello +client'.split(' '),
])
await server.start()
const open: Cache[] = []
afterAll(async () => {
  for (const { store } of open) await store.close?.()
  await server.destroy()
  certificates.remove()
})

function cacheAt(...args: Parameters<typeof valkeyCache>): Cache {
  const cache = valkeyCache(...args)
  open.push(cache)
  return cache
}

describe('the URL of a Valkey cache', () => {
  it.each([
    ['redis://cache.test', { host: 'cache.test', port: 6379 }, {}],
    ['valkey://[::1]:7000/3', { host: '::1', port: 7000 }, { database: 3 }],
    ['redis://u:p%40s@h/?db=2', { host: 'h', port: 6379 }, { username: 'u', password: 'p@s', database: 2 }],
    ['redis://:only@h/', { host: 'h', port: 6379 }, { password: 'only' }],
    ['rediss://h', { host: 'h', port: 6379, tls: true }, {}],
    ['valkeys://h', { host: 'h', port: 6379, tls: true }, {}],
    ['unix:///run/a%20b.sock', { path: '/run/a b.sock', tls: false }, {}],
    [
      'unix:///s?db=4&username=u&password=p%26',
      { path: '/s', tls: false },
      { username: 'u', password: 'p&', database: 4 },
    ],
  ])('%s', (url, socket, rest) => {
    const { shown, ...address } = valkeyAddress(url)
    expect(address).toEqual({ database: 0, ...rest, socket })
    expect(shown).not.toMatch(/p@s|only|p&/)
  })

  it.each([
    '',
    'h:6379',
    'http://h',
    'redis:',
    'redis:///1',
    'redis://h/name',
    'redis://h/-1',
    'unix://relative/x',
    'unix:',
  ])('%j is none', (url) => {
    expect(() => new ValkeyCacheStore(url)).toThrow(/cache/)
  })
})

describe('a Valkey cache', () => {
  it.each([
    ['a unix socket', () => server.url(), {}],
    ['TCP', () => `redis://127.0.0.1:${port}`, {}],
    ['a user and a password', () => `redis://app:${encodeURIComponent('p@ss:w/rd')}@127.0.0.1:${port}/`, {}],
    ['a user on a unix socket', () => server.url('?username=app&password=p%40ss%3Aw%2Frd'), {}],
    ['TLS', () => `rediss://127.0.0.1:${tlsPort}`, { tls: { ca: certificates.read('ca.crt') } }],
  ])('is reached by %s', async (_how, url, options) => {
    const cache = cacheAt(url(), options)
    await cache.set('reached', 1)
    expect(await cache.get('reached')).toBe(1)
  })

  it('refuses a certificate of somebody else', async () => {
    const cache = cacheAt(`rediss://127.0.0.1:${tlsPort}`)
    await expect(cache.get('key')).rejects.toThrow(CacheUnavailable)
  })

  it('says that a password is wrong, and does not say the password', async () => {
    const cache = cacheAt(`redis://app:guessed@127.0.0.1:${port}`)
    const error: unknown = await Promise.resolve(cache.get('key')).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/WRONGPASS/)
    expect(String(error)).not.toMatch(/guessed/)
  })

  it('says what the user may not do', async () => {
    const cache = cacheAt(server.url('?username=reader&password=secret'))
    await expect(cache.set('key', 1)).rejects.toThrow(/NOPERM/)
    expect(await cache.get('none')).toBeUndefined()
  })

  it('keeps databases apart', async () => {
    const [first, second] = [cacheAt(server.url('?db=1')), cacheAt(`redis://127.0.0.1:${port}/2`)]
    await first.set('key', 'first')
    expect(await second.get('key')).toBeUndefined()
    await second.clear()
    expect(await first.get('key')).toBe('first')
  })

  it('keeps keys under prefix and version, with an end', async () => {
    const cache = cacheAt(server.url('?db=3'), { keyPrefix: 'shop', version: 2 })
    await cache.set('key', 'a', { timeout: 100 })
    const raw = cacheAt(server.url('?db=3')).store
    expect(await raw.get('shop:2:key')).toBe('"a"')
    await cache.set('ever', 1, { timeout: null })
    await cache.touch('key', { timeout: null })
    expect(await cache.touch('ever', { timeout: null })).toBe(true)
    expect(await cache.touch('none', { timeout: null })).toBe(false)
    await cache.set('soon', 1, { timeout: 1e15 })
    expect(await cache.get('soon')).toBe(1)
  })

  it('counts to where numbers are exact, and no further', async () => {
    const cache = cacheAt(server.url('?db=4'))
    await cache.set('n', Number.MAX_SAFE_INTEGER - 1)
    expect(await cache.incr('n')).toBe(Number.MAX_SAFE_INTEGER)
    await expect((async () => cache.incr('n'))()).rejects.toThrow(TypeError)
    expect(await cache.decr('n', Number.MAX_SAFE_INTEGER)).toBe(0)
    await expect((async () => cache.incr('n', 0.5))()).rejects.toThrow(TypeError)
    await cache.set('fraction', 1.5)
    await expect((async () => cache.incr('fraction'))()).rejects.toThrow(TypeError)
  })

  it('makes one connection however many begin at once', async () => {
    const cache = cacheAt(server.url('?db=5'))
    const before = await clients()
    await Promise.all(Array.from({ length: 50 }, (_, n) => Promise.resolve(cache.set(`k${n}`, n))))
    expect((await clients()) - before).toBe(1)
  })

  it('lets the program end', () => {
    const program = `
      import { valkeyCache } from './src/entry/web.ts'
      const cache = valkeyCache(process.argv[1])
      await cache.set('ended', 'yes')
      process.stdout.write(await cache.get('ended'))`
    const args = ['--input-type=module', '--no-warnings', '-e', program, server.url()]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })).toBe('yes')
  })

  it('is a package that others do not load', () => {
    const program = `
      import { memoryCache } from './src/entry/web.ts'
      import { createRequire } from 'node:module'
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('redis'))
      await memoryCache().set('key', 1)
      process.stdout.write(String(loaded().length))
      await import('@redis/client')
      process.stdout.write(String(loaded().length > 0))`
    const args = ['--input-type=module', '--no-warnings', '-e', program]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })).toBe('0true')
  })
})

/** How many connections the server has, without the one that asks. */
async function clients(): Promise<number> {
  const list = await server.command('CLIENT', 'LIST')
  return list.split('\n').filter((line) => line.includes('id=')).length - 1
}

describe('a Valkey server that is lost', () => {
  it('is an error at once where nobody listens, and is found when it is back', async () => {
    const other = new ValkeyServer()
    const cache = cacheAt(other.url())
    const begun = performance.now()
    await expect(cache.get('key')).rejects.toThrow(CacheUnavailable)
    await expect(cache.set('key', 1)).rejects.toMatchObject({
      status: 503,
      retry: true,
      code: 'CACHE_UNAVAILABLE',
    })
    expect(performance.now() - begun).toBeLessThan(4000)
    await other.start()
    await answering(cache)
    await cache.set('key', 1)
    // Its connection is cut while nobody waits on it: the next command makes another.
    await other.stop()
    await expect(cache.get('key')).rejects.toThrow(CacheUnavailable)
    await other.start()
    await answering(cache)
    expect(await cache.get('key')).toBeUndefined()
    await other.destroy()
  })

  it('is an error in bounded time where it says nothing', async () => {
    const other = new ValkeyServer()
    await other.start()
    const cache = cacheAt(other.url(), { timeoutMs: 1500 })
    await cache.set('key', 1, { timeout: null })
    other.freeze()
    const waiting = [cache.get('a'), cache.get('b'), cache.set('c', 1)].map((answer) =>
      Promise.resolve(answer),
    )
    const results = await Promise.allSettled(waiting)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    // A connection is accepted by the system; the greeting is never answered.
    await expect(cache.get('key')).rejects.toThrow(CacheUnavailable)
    const begun = performance.now()
    await expect(cache.get('key')).rejects.toThrow(CacheUnavailable)
    expect(performance.now() - begun).toBeLessThan(1000)
    other.thaw()
    await answering(cache)
    expect(await cache.get('key')).toBe(1)
    await other.destroy()
  })

  it('is a 503 of the page whose session it keeps', async () => {
    const other = new ValkeyServer()
    await other.start()
    const cache = cacheAt(other.url())
    const count = async ({ session }: HttpRequest): Promise<HttpResponse> => {
      const seen = Number((await session.get('seen')) ?? 0) + 1
      session.set('seen', seen)
      return new HttpResponse(String(seen))
    }
    const settings = defineSettings({
      secretKey: 'x',
      allowedHosts: ['*'],
      caches: defineCaches({ default: cache }),
      sessionStore: new CacheSessionStore(cache),
      middleware: [SessionMiddleware],
      rootUrlconf: [path('', count)],
    })
    const client = new Client(settings)
    expect((await client.get('/')).text).toBe('1')
    expect((await client.get('/')).text).toBe('2')
    await other.stop()
    expect((await client.get('/')).status).toBe(503)
    await other.start()
    await answering(cache)
    expect((await client.get('/')).text).toBe('1')
    await other.destroy()
  })
})

/** Waits until the pause after a failure is over. */
async function answering(cache: Cache): Promise<void> {
  await expect
    .poll(async () => Promise.resolve(cache.has('any')).catch(() => null), { timeout: 20_000 })
    .not.toBeNull()
}
