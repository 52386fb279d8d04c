/** `portico app`: the application server alone has the same limits as an `app { }` of a conf, and `portico status`. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { MasterStatus } from '../../src/process/master-status.ts'
import { freePort } from '../support/free-port.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const HOSTILE = fileURLToPath(new URL('fixtures/hostile.mjs', import.meta.url))
const PATIENCE_MS = 60_000

const running: AppProcess[] = []

afterEach(async () => {
  for (const app of running.splice(0)) await app.stop()
})

/** Over HTTP, so that any client can ask. */
class AppProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-app-'))
  port = 0
  log = ''
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()

  static async start(
    options: readonly string[],
    { entry = HOSTILE, source }: { entry?: string; source?: string } = {},
  ): Promise<AppProcess> {
    const app = new AppProcess()
    running.push(app)
    chmodSync(app.folder, 0o755)
    app.port = await freePort()
    if (source !== undefined) writeFileSync(app.path('site.mjs'), source)
    const listen = ['--listen', `127.0.0.1:${app.port}`, '--protocol', 'http']
    const own = [
      '--log-level',
      'info',
      '--entry',
      source === undefined ? entry : 'site.mjs',
      '--pid',
      'app.pid',
      '--control',
      'control.sock',
    ]
    const child = spawn(process.execPath, [MAIN, 'app', ...listen, ...own, ...options], {
      cwd: app.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const take = (bytes: Buffer): void => void (app.log += bytes.toString('latin1'))
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    app.#child = child
    app.#ended = new Promise((resolve) => child.on('close', resolve))
    await app.until(() => / is ready/.test(app.log), 'a worker')
    return app
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS
    while (!(await condition())) {
      if (performance.now() > end || this.#child?.exitCode !== null)
        throw new Error(`waited in vain for ${what}; the log:\n${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  ask(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`)
  }

  async status(path: string): Promise<number> {
    const response = await this.ask(path).catch(() => undefined)
    await response?.arrayBuffer()
    return response?.status ?? 0
  }

  command(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
    return runToEnd(['status', ...args, '--control', 'control.sock'], this.folder)
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM')
    await this.#ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function runToEnd(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

const site = (text: string): string =>
  `export const application = (environ, start) => { start('200 OK', []); return [Buffer.from('${text}')] }\n`

describe('portico app', { timeout: 180_000 }, () => {
  it('harakiri: a late request is cancelled, a loop that stands still is named with its line', async () => {
    const app = await AppProcess.start(['--harakiri', '1s'])
    expect(await app.status('/never')).toBe(504)
    await app.until(() => / harakiri: request/.test(app.log), 'the line of the log')
    expect(app.log).toMatch(
      /app#0: harakiri: request -: GET \/never: cancelled after \d\.\d s .*last stage: view never_ends/,
    )
    expect(await app.status('/loop')).toBe(0)
    await app.until(
      () => /harakiri: the event loop stood still for 1 s at spin \(\S*hostile\.mjs:\d+\)/.test(app.log),
      'the line',
    )
    await app.until(async () => (await app.status('/')) === 200, 'a successor')
  })

  it('max_requests: the reason, and no request is lost', async () => {
    const app = await AppProcess.start(['--max-requests', '4 0'])
    const statuses = new Set<number>()
    const round = async (): Promise<boolean> => {
      statuses.add(await app.status('/'))
      return /is replaced: it has answered 4 requests \(max_requests\)[^]*exited with code 0/.test(app.log)
    }
    await app.until(round, 'a successor')
    expect(statuses).toEqual(new Set([200]))
  })

  it.each([
    ['--max-lifetime', '1s', /is replaced: it is 1\.\d s old \(max_lifetime\)/],
    ['--reload-on-rss', '30m', /is replaced: it has \d+ MiB of resident memory \(reload_on_rss 30 MiB\)/],
  ] as const)('%s %s', async (option, limit, reason) => {
    const app = await AppProcess.start([option, limit])
    await app.until(() => reason.test(app.log), 'the reason')
    await app.until(() => (app.log.match(/ is ready/g) ?? []).length >= 2, 'a successor')
    expect(await app.status('/')).toBe(200)
  })

  it('concurrency and queue: what is too much gets 503 with Retry-After', async () => {
    const app = await AppProcess.start(['--concurrency', '1', '--queue', '1'])
    const answers = await Promise.all(Array.from({ length: 4 }, () => app.ask('/slow')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503])
    expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1')
  })

  it('min..max workers follow the load', async () => {
    const app = await AppProcess.start(['--workers', '1..2 delay=20ms idle=60s', '--concurrency', '1'])
    const grown = (): boolean => /app: 2 of 1\.\.2 workers, one more: requests wait for \d+ ms/.test(app.log)
    const client = async (): Promise<void> => {
      while (!grown()) expect(await app.status('/slow')).toBe(200)
    }
    await Promise.race([Promise.all([client(), client(), client()]), app.until(grown, 'a second worker')])
    await app.until(() => / app#1 \(process \d+\) is ready/.test(app.log), 'a second worker')
  })

  it('portico status shows its requests, to the owner alone; restart replaces its workers', async () => {
    const app = await AppProcess.start([])
    const waiting = app.status('/never')
    const shows = async (): Promise<boolean> =>
      /^ +\d+\.\d s {2}request -: GET \/never$/m.test((await app.command()).output)
    await app.until(shows, 'the request')
    expect(statSync(app.path('control.sock')).mode & 0o777).toBe(0o600)
    const json = JSON.parse((await app.command('--json')).output) as MasterStatus
    expect([json.pid, json.groups.map(({ name }) => name)]).toEqual([
      Number(readFileSync(app.path('app.pid'), 'utf8')),
      ['app'],
    ])
    expect(await app.command('restart', 'app')).toEqual({
      code: 0,
      output: 'app: 1 workers are replaced one after the other\n',
    })
    await app.until(() => (app.log.match(/ is ready/g) ?? []).length === 2, 'a successor')
    app.signal('SIGTERM')
    expect(await waiting).toBe(0)
  })

  it('HUP takes the new code, and keeps the old where the new does not boot', async () => {
    const app = await AppProcess.start([], { source: site('first') })
    writeFileSync(app.path('site.mjs'), 'throw new Error("no database")\n')
    app.signal('SIGHUP')
    await app.until(
      () => /reload failed, the running configuration stays: app#0 failed: .*no database/.test(app.log),
      'the refusal',
    )
    expect(await (await app.ask('/')).text()).toBe('first')
    writeFileSync(app.path('site.mjs'), site('second'))
    app.signal('SIGHUP')
    await app.until(async () => (await (await app.ask('/')).text()) === 'second', 'the new code')
  })

  it.skipIf(process.getuid?.() !== 0)('user, umask, cwd and env', async () => {
    const source = `export function application(environ, start) {
      start('200 OK', [])
      const own = { uid: process.getuid(), umask: process.umask(), cwd: process.cwd(), said: process.env.SAID, path: process.env.PATH !== undefined }
      return [Buffer.from(JSON.stringify(own))]
    }`
    const app = await AppProcess.start(
      ['--user', 'nobody nogroup', '--umask', '027', '--cwd', '/', '--env', 'SAID=yes, please'],
      { source },
    )
    const own = (await (await app.ask('/')).json()) as Record<string, unknown>
    expect(own).toMatchObject({ umask: 0o027, cwd: '/', said: 'yes, please', path: true })
    expect(own['uid']).toBeGreaterThan(0)
  })

  it.each<[string, string[], string]>([
    ['no entry', ['--listen', '127.0.0.1:1'], 'app: --entry is missing'],
    ['no address', ['--entry', HOSTILE], 'app: --listen is missing'],
    [
      'an entry that is none',
      ['--entry', '/nowhere.mjs', '--listen', '127.0.0.1:1'],
      'app: entry "/nowhere.mjs" is no file',
    ],
    ['an unknown protocol', ['--protocol', 'gopher'], 'app: invalid value "gopher" in --protocol'],
    ['no workers', ['--workers', '0'], 'app: value must be between 1 and 1024 in --workers'],
    ['fewer than the least', ['--workers', '3..2'], 'app: invalid number of workers "3..2" in --workers'],
    ['a time that is none', ['--harakiri', 'soon'], 'app: "harakiri" directive invalid value in --harakiri'],
    [
      'two words for one',
      ['--concurrency', '1 2'],
      'app: invalid number of arguments in "concurrency" directive in --concurrency',
    ],
    ['a parameter that is none', ['--queue', '1 2'], 'app: invalid parameter "2" in --queue'],
    [
      'another time that is none',
      ['--shutdown-timeout', 'soon'],
      'app: invalid value "soon" in --shutdown-timeout',
    ],
    [
      'an address of everybody',
      ['--listen', '0.0.0.0:9000'],
      'app: 0.0.0.0:9000 is reachable from other machines',
    ],
    ['a network that is none', ['--allow', 'example.com'], 'app: invalid parameter "example.com" in --allow'],
    ['an option that is none', ['--turbo'], "Unknown option '--turbo'"],
  ])('refuses %s', async (name, options, message) => {
    const needed = ['--entry', HOSTILE, '--listen', '127.0.0.1:1']
    const given = name.startsWith('no ') && !name.endsWith('workers') ? options : [...needed, ...options]
    const { code, output } = await runToEnd(['app', ...given], tmpdir())
    expect([code, output.split('\n')[0]]).toEqual([1, expect.stringContaining(message)])
    expect(output).toContain('Usage: portico app')
  })
})
