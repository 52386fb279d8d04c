/** The single executable, on a machine that has nothing else. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { allComponents, readBill } from '../support/bill-of-materials.ts'
import { nameOfPlace, readLockFile } from '../support/lock-file.ts'
import { isAlive } from './fixtures/master-under-test.ts'
import { Jail, waitFor } from './binary/jail.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BUILD_TIMEOUT_MS = 240_000
const folder = mkdtempSync(join(tmpdir(), 'portico-binary-'))
const executable = join(folder, 'portico')
const jails: Jail[] = []
let built = ''

beforeAll(() => {
  const made = spawnSync(process.execPath, [join(ROOT, 'src/cli/binary/build.mjs'), executable], {
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(made.stderr)
  built = made.stdout
}, BUILD_TIMEOUT_MS)
afterEach(async () => {
  for (const jail of jails.splice(0)) await jail.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function jail(): Jail {
  const made = new Jail(executable)
  jails.push(made)
  return made
}

describe('the build', () => {
  it('says how large the executable is, and of what', () => {
    expect(built).toMatch(/: \d+\.\d MB\n.* MB {2}Node\.js v\d+.*\n.* MB {2}front, .*\n.* MB {2}default conf/)
  })
})

describe('its bill of materials', () => {
  const bill = () => readBill(`${executable}.cdx.json`)

  it('is of this very file', () => {
    const content = createHash('sha256').update(readFileSync(executable)).digest('hex')
    expect(bill().metadata.component.hashes).toEqual([{ alg: 'SHA-256', content }])
  })

  it('has the runtime and what that is made of', () => {
    const runtime = bill().components.find(({ type }) => type === 'platform')
    expect(runtime).toMatchObject({ name: 'node', version: process.versions.node })
    for (const name of ['v8', 'uv', 'openssl', 'sqlite', 'zlib'] as const) {
      expect(allComponents(runtime ?? {})).toContainEqual(
        expect.objectContaining({ name, version: process.versions[name] }),
      )
    }
  })

  it('has every package of which something is inside', async () => {
    const { metafile } = await build({
      entryPoints: ['src/cli/main.ts', 'src/entry/web.ts', 'src/entry/testing.ts'],
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      metafile: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      external: ['pg-native'],
      outdir: 'unwritten',
    })
    const lock = readLockFile(join(ROOT, 'package-lock.json'))
    const files = Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.keys(inputs))
      .filter((file) => file.includes('node_modules/'))
      .map((file) => file.slice(file.indexOf('node_modules/')))
    const inside = Object.keys(lock.packages).filter((place) =>
      files.some((file) => file.startsWith(`${place}/`) && !file.startsWith(`${place}/node_modules/`)),
    )
    expect(inside.length).toBeGreaterThan(30)
    for (const place of inside) {
      const { name = nameOfPlace(place), version } = lock.packages[place] ?? {}
      expect(bill().components).toContainEqual(expect.objectContaining({ name, version }))
    }
  })
})

describe('the build of the same sources in another place', () => {
  it('writes the same bytes', { timeout: BUILD_TIMEOUT_MS }, () => {
    const other = join(folder, 'other', 'name')
    const made = spawnSync(process.execPath, [join(ROOT, 'src/cli/binary/build.mjs'), other], {
      cwd: tmpdir(),
    })
    expect(made.status).toBe(0)
    expect(readFileSync(other).equals(readFileSync(executable))).toBe(true)
  })
})

describe('in an empty folder without Node, npm and network', () => {
  it('serves the demo: its pages, its files, its database', { timeout: 120_000 }, async () => {
    const place = jail()
    const demo = place.start('.', ['./portico', 'demo', '--listen', 'unix:run/web.sock'])
    const home = await place.answers('portico-demo/run/web.sock', '/', ({ status }) => status === 200)
    expect(home.body).toContain('</html>')
    const css = await place.get('portico-demo/run/web.sock', '/static/site.css')
    expect(css).toMatchObject({ status: 200, headers: { 'content-type': 'text/css' } })
    expect(home.body).toContain('Hypatia')
    expect(demo.output).toContain('The demo stands in ')
    expect(place.read('portico-demo/src/demo/wsgi.ts')).toContain("from 'portico/web'")
  })

  it('makes a project, migrates it, tests it and serves it', { timeout: 120_000 }, async () => {
    const place = jail()
    const made = await place.run('.', './portico', 'new', 'shop')
    expect(made).toMatchObject({ code: 0 })
    expect(made.output).toContain('  cd shop\n  ../portico\n')
    const manage = (...args: string[]) => place.run('shop', '../portico', 'manage', ...args)
    expect((await manage('migrate')).output).toContain('No migrations to apply.')
    expect(await manage('check', '--fail-on-warnings')).toMatchObject({ code: 0 })
    expect(await manage('makemigrations', '--check')).toMatchObject({
      code: 0,
      output: 'No changes detected\n',
    })
    const tested = await manage('test')
    expect(tested.output).toMatch(/pass 2\n/)
    expect(tested.code).toBe(0)

    const conf = place.read('shop/conf/portico.conf').replace('127.0.0.1:8080', 'unix:run/web.sock')
    place.write('shop/conf/portico.conf', conf)
    expect((await place.run('shop', '../portico', '-t')).output).toContain('test is successful')
    place.start('shop', ['../portico'])
    const page = await place.answers('shop/run/web.sock', '/', ({ status }) => status === 200)
    expect(page.body).toContain('Nothing yet.')
    expect(await place.get('shop/run/web.sock', '/static/site.css')).toMatchObject({ status: 200 })
    expect((await place.run('shop', '../portico', 'status')).output).toContain('app:site')
  })

  it('reports a test that fails', { timeout: 120_000 }, async () => {
    const place = jail()
    await place.run('.', './portico', 'new', 'shop')
    place.write(
      'shop/test/site.test.ts',
      "import { test } from 'node:test'\ntest('no', () => { throw new Error('no') })\n",
    )
    const tested = await place.run('shop', '../portico', 'manage', 'test')
    expect(tested.output).toMatch(/fail 1\n/)
    expect(tested.code).toBe(1)
  })

  it('develops: a conf alone, an entry in TypeScript, what changes in it', { timeout: 120_000 }, async () => {
    const place = jail()
    const entry = (said: string): string => `import { HttpResponse } from 'portico/web'
import type { Application } from 'portico/gateway'
const hello = new HttpResponse('${said}' satisfies string)
export const application: Application = (environ, startResponse) => {
  startResponse('200 OK', [])
  return [hello.content]
}
`
    place.write('conf/portico.conf', DEV_CONF)
    place.write('site.ts', entry('first'))
    place.write('style.css', 'p {}')
    const dev = place.start('.', ['./portico', 'dev'])
    await dev.says(/serving unix:/)
    expect(await place.get('run/web.sock', '/')).toMatchObject({ status: 200, body: 'first' })
    expect(await place.get('run/web.sock', '/style.css')).toMatchObject({
      headers: { 'content-type': expect.stringMatching(/^text\/css/) as string },
    })
    place.write('site.ts', entry('second'))
    await place.answers('run/web.sock', '/', ({ body }) => body === 'second')
    place.write('site.ts', "throw new Error('out of ' + 'ink')\n")
    const page = await place.answers('run/web.sock', '/', ({ status }) => status === 500)
    expect(page.body).toContain('out of ink')
  })

  it('says what an entry imports that is not there', async () => {
    const place = jail()
    place.write('bad.ts', "import 'express'\nexport const application = 1\n")
    const app = place.start('.', ['./portico', 'app', '--entry', 'bad.ts', '--listen', 'unix:app.sock'])
    await app.says(/cannot find the package "express"; is it in package\.json and installed\?/)
  })
})

/** Nothing lies beside it. */
const DEV_CONF = `
events { }
app site { entry site.ts; }
http {
    include mime.types;
    server {
        listen unix:run/web.sock;
        root .;
        location / { app_pass site; }
        location = /style.css { }
    }
}
`

const CONF = `
worker_processes 2;
error_log stderr notice;
events { }
app slow { entry slow.ts; harakiri 500ms; }
http {
    access_log off;
    limit_req_zone $uri zone=one:1m rate=1r/m;
    server {
        listen unix:run/web.sock;
        root .;
        location / { app_pass slow; }
        location = /first { return 200 "GENERATION"; }
        location = /limited { limit_req zone=one; try_files /secret.txt =404; }
        location = /secret { auth_basic "x"; auth_basic_user_file users; try_files /secret.txt =404; }
    }
}
`
/** His password: open sesame */
const USERS =
  'ali:$6$saltsalt$e/5XKibXPLqVcfjpD.ouauaJrAOL5V0uo80Lt7n7EbRdRiCx3HbQ90yjOHr.G0T.mx79PEMRy8nmtr0qSYhQp1\n'

const SLOW = `import type { Application } from 'portico/gateway'
export const application: Application = (environ, startResponse) => {
  if (environ.PATH_INFO === '/stand-still') for (;;);
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('from TypeScript')]
}
`

describe('the server in it', () => {
  function serve(): { place: Jail; conf: (generation: string) => void } {
    const place = jail()
    const conf = (generation: string): void =>
      place.write('conf/portico.conf', CONF.replace('GENERATION', generation))
    conf('one')
    place.write('conf/users', USERS)
    place.write('secret.txt', 'treasure')
    place.write('slow.ts', SLOW)
    return { place, conf }
  }

  it('starts workers, their keeper and their threads', { timeout: 120_000 }, async () => {
    const { place } = serve()
    const server = place.start('.', ['./portico'])
    const page = await place.answers('run/web.sock', '/', ({ status }) => status === 200)
    expect(page.body).toBe('from TypeScript')
    const limited = [await place.get('run/web.sock', '/limited'), await place.get('run/web.sock', '/limited')]
    expect(limited.map(({ status }) => status)).toEqual([200, 503])
    const login = `Basic ${Buffer.from('ali:open sesame').toString('base64')}`
    expect(await place.get('run/web.sock', '/secret')).toMatchObject({ status: 401 })
    expect(await place.get('run/web.sock', '/secret', { Authorization: login })).toMatchObject({
      body: 'treasure',
    })
    expect((await place.get('run/web.sock', '/stand-still')).status).toBeGreaterThanOrEqual(502)
    await server.says(/harakiri|stands still|stood still/)
    await place.answers('run/web.sock', '/', ({ status }) => status === 200)
  })

  it('reloads its conf, and makes room for another executable', { timeout: 120_000 }, async () => {
    const { place, conf } = serve()
    const server = place.start('.', ['./portico'])
    await place.answers('run/web.sock', '/first', ({ body }) => body === 'one')
    conf('two')
    expect(await place.run('.', './portico', '-s', 'reload')).toMatchObject({ code: 0 })
    await place.answers('run/web.sock', '/first', ({ body }) => body === 'two')

    const old = place.pidIn('run/portico.pid')
    place.install(executable)
    conf('three')
    process.kill(old, 'SIGUSR2')
    const next = await waitFor(
      () => (place.pidIn('run/portico.pid.oldbin') === old && place.pidIn('run/portico.pid')) || undefined,
      () => `another master: ${server.output}`,
    )
    process.kill(old, 'SIGQUIT')
    await server.exited
    await place.answers('run/web.sock', '/first', ({ body }) => body === 'three')
    expect(await place.run('.', './portico', '-s', 'quit')).toMatchObject({ code: 0 })
    await waitFor(
      () => !isAlive(next) || undefined,
      () => `the end of ${next}`,
    )
  })
})
