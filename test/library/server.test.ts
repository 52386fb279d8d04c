/** The front and its confs as a library: in this process, on ports that the system chooses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkConf, ConfigError, parseConf, startServer, type PorticoServer } from '../../src/entry/index.ts'
import type { Application } from '../../src/entry/gateway.ts'

let prefix: string
const running: PorticoServer[] = []
beforeEach(() => (prefix = mkdtempSync(join(tmpdir(), 'portico-library-'))))
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
  rmSync(prefix, { recursive: true, force: true })
})

const KEY = '127.0.0.1:8080'
const conf = (server: string, main = ''): string =>
  `${main} events { } http { access_log off; server { listen ${KEY}; ${server} } }`

async function serve(
  text: string,
  applications?: Readonly<Record<string, Application>>,
): Promise<PorticoServer> {
  const server = await startServer({ text, prefix, anyPort: true, ...(applications && { applications }) })
  running.push(server)
  return server
}

const urlOf = (server: PorticoServer, path: string): string => `http://${server.addresses.get(KEY)}${path}`

async function get(server: PorticoServer, path: string): Promise<string> {
  return (await fetch(urlOf(server, path), { headers: { Connection: 'close' } })).text()
}

describe('parseConf', () => {
  it('gives the tree, with included files in their place', () => {
    writeFileSync(join(prefix, 'more.conf'), 'server { root "a b"; }\n')
    const [events, http] = parseConf({
      text: 'events { }\nhttp {\n  include more.conf;\n}\n',
      file: 'main.conf',
      prefix,
    })
    expect(events).toEqual({ name: 'events', args: [], block: [], file: join(prefix, 'main.conf'), line: 1 })
    const root = { name: 'root', args: ['a b'], block: undefined, file: join(prefix, 'more.conf'), line: 1 }
    expect(http?.block).toMatchObject([{ name: 'server', block: [root] }])
  })

  it.each([
    ['http {', 'unexpected end of file, expecting "}"', 1],
    ['events { }\ninclude none.conf;', /^open\(\) ".*none\.conf" failed/, 2],
  ])('throws what is wrong with %j', (text, message, line) => {
    let fault: unknown
    try {
      parseConf({ text, prefix })
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(ConfigError)
    expect(fault).toMatchObject({ message: expect.stringMatching(message) as string, line })
  })
})

describe('checkConf', () => {
  it('judges as portico -t does', () => {
    expect(checkConf({ text: conf('root .;'), prefix })).toEqual({ valid: true, faults: [] })
    const { valid, faults } = checkConf({
      text: 'events { }\nhttp {\n  lisen 80;\n}',
      file: 'c.conf',
      prefix,
    })
    expect(valid).toBe(false)
    expect(faults).toEqual([
      {
        level: 'emerg',
        message: expect.stringContaining('unknown directive "lisen"') as string,
        file: join(prefix, 'c.conf'),
        line: 3,
      },
    ])
  })

  it('tells warnings from faults', () => {
    const report = checkConf({ text: conf('').replace(KEY, `${KEY} http2`), prefix })
    expect(report).toMatchObject({ valid: true, faults: [{ level: 'warn', line: 1 }] })
  })

  it('reads the file where there is no text', () => {
    expect(checkConf({ prefix })).toMatchObject({ valid: false, faults: [{ level: 'emerg' }] })
    writeFileSync(join(prefix, 'own.conf'), conf(''))
    expect(checkConf({ prefix, file: 'own.conf' })).toMatchObject({ valid: true })
  })
})

describe('startServer', () => {
  const application: Application = (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(`called with ${environ.PATH_INFO}`)]
  }

  it('serves files, and calls applications in this process', async () => {
    writeFileSync(join(prefix, 'page.txt'), 'from disk')
    const text = conf('root .; location /app/ { app_pass shop; }', 'app shop { entry none.ts; }')
    const server = await serve(text, { shop: application })
    expect(await get(server, '/page.txt')).toBe('from disk')
    expect(await get(server, '/app/x')).toBe('called with /app/x')
  })

  it('reloads: the socket stays, the conf is another, a bad one changes nothing', async () => {
    const server = await serve(conf('return 200 one;'))
    const address = server.addresses.get(KEY)
    await server.reload({ text: conf('return 200 two;') })
    expect(server.addresses.get(KEY)).toBe(address)
    expect(await get(server, '/')).toBe('two')
    await expect(server.reload({ text: conf('retrun 200 three;') })).rejects.toThrow(
      'unknown directive "retrun"',
    )
    expect(await get(server, '/')).toBe('two')
  })

  it('opens and closes what a new conf listens on', async () => {
    const server = await serve(conf('return 200 one;'))
    const first = urlOf(server, '/')
    await server.reload({ text: conf('return 200 two;').replace(KEY, '127.0.0.1:8081') })
    expect([...server.addresses.keys()]).toEqual(['127.0.0.1:8081'])
    await expect(fetch(first)).rejects.toThrow()
  })

  it('stops when its requests are through, and starts no more', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer[]>()
    const called = Promise.withResolvers<void>()
    const slow: Application = (_, startResponse) => {
      startResponse('200 OK', [])
      called.resolve()
      return promise
    }
    const server = await serve(conf('location / { app_pass shop; }'), { shop: slow })
    const answer = get(server, '/')
    await called.promise
    const url = urlOf(server, '/')
    const stopped = server.stop()
    resolve([Buffer.from('the end')])
    expect(await answer).toBe('the end')
    await stopped
    await expect(fetch(url)).rejects.toThrow()
    await expect(server.reload()).rejects.toThrow('has been stopped')
  })

  it.each([
    ['app shop { entry none.ts; }', 'app "shop" needs processes: give it in "applications"'],
    ['lisen;', 'unknown directive "lisen"'],
  ])('refuses %j', async (main, message) => {
    await expect(startServer({ text: conf('', main), prefix })).rejects.toThrow(message)
  })

  it('says which address is taken, and listens on none', async () => {
    const first = await serve(conf('return 200 one;'))
    const taken = first.addresses.get(KEY) ?? ''
    const text = conf('return 200 two;').replace(KEY, taken)
    await expect(startServer({ text, prefix })).rejects.toThrow('EADDRINUSE')
  })
})
