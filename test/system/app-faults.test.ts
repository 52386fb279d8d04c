/** Whatever an application does, it is contained and named: its own request ends, its worker is replaced. */
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MasterStatus } from '../../src/process/master-status.ts'
import { askAlone } from '../support/lone-request.ts'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = fileURLToPath(new URL('fixtures/hostile.mjs', import.meta.url))

describe('a hostile application', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        app one { entry ${ENTRY}; harakiri 2s; reload_on_rss 250m; env SAID yes; }
        app turns { entry ${ENTRY}; concurrency 1; queue 1; max_requests 4 0; }
        http {
          access_log off;
          server {
            listen 127.0.0.1:%PORT%;
            location / { app_pass one; app_next_upstream off; }
            location /turns/ { rewrite ^/turns(/.*)$ $1 break; app_pass turns; }
          }
        }`,
      startTimeoutMs: 60_000,
    })
  }, 70_000)

  afterAll(async () => {
    await server.stop()
  })

  async function serves(): Promise<void> {
    await expect.poll(async () => (await askAlone(server.port, '/')).status, { timeout: 15_000 }).toBe(200)
  }

  /** Path, status, and what the log says then. */
  const faults: readonly (readonly [name: string, path: string, status: number, said: RegExp])[] = [
    [
      'an endless loop: the line of code',
      '/loop',
      502,
      /app:one#0: harakiri: the event loop stood still for 2 s at spin \(\S*hostile\.mjs:\d+\) < \S+ .*; last stage: request \w+: GET \/loop; the worker is killed[^]*exited on signal SIGKILL/,
    ],
    [
      'a call that blocks in native code: the last query',
      '/native',
      502,
      /app:one#0: harakiri: the event loop stood still for 2 s in native code[^;]*; last stage: request \w+: GET \/native, query SELECT pg_sleep\(60\); the worker is killed/,
    ],
    [
      'a wait that never ends: its stage and age',
      '/never',
      504,
      /harakiri: request \w+: GET \/never: cancelled after 2\.\d s \(harakiri 2\.0 s\), last stage: view never_ends \(\d\.\d s ago\), last query: none/,
    ],
    ['a late request: its signal', '/aborted', 504, /app:one#0: aborted: TimeoutError/],
    [
      'a crash in a timer: the stack',
      '/timer',
      200,
      /worker app:one#0 \(process \d+\) failed: Error: in a timer\n.*hostile\.mjs:\d+/,
    ],
    [
      'a rejection that nobody handles',
      '/rejection',
      200,
      /worker app:one#0 \(process \d+\) failed: Error: nobody cares/,
    ],
    [
      'a crash by something that is neither an error nor text',
      '/throw-odd',
      200,
      /worker app:one#0 \(process \d+\) failed: threw something that cannot be made text/,
    ],
    [
      'process.exit(): who called it',
      '/exit',
      502,
      /app:one#0: process\.exit\(3\) was called at .*hostile\.mjs:\d+[^]*worker app:one#0 \(process \d+\) exited with code 3/,
    ],
    ['a line break in a field', '/split', 500, /GET \/split: WsgiError: /],
    ['what it prints', '/print', 200, /\[notice\] \S+ app:one#0: said on stdout/],
  ]

  it.each(faults)(
    '%s',
    async (_name, path, status, said) => {
      await serves()
      expect((await askAlone(server.port, path)).status).toBe(status)
      await server.waitFor(() => said.test(server.output), String(said))
      await serves()
    },
    120_000,
  )

  it('an iterable that throws midway: the client sees that something is missing', async () => {
    const { status, head, body } = await askAlone(server.port, '/throws')
    expect([status, body.endsWith('0\r\n\r\n')]).toEqual([200, false])
    expect(head).toContain('chunked')
    await server.waitFor(() => /GET \/throws: Error: midway/.test(server.output), 'the error')
  })

  it('a body shorter than its length: no answer passes for whole', async () => {
    // Small and at once, nothing of it has left yet: the client can still be told.
    expect((await askAlone(server.port, '/short')).status).toBe(500)
    await server.waitFor(
      () => /GET \/short: WsgiError: .*Content-Length says 100/.test(server.output),
      'the error',
    )
  })

  it('a body longer than its length is cut there', async () => {
    expect(await askAlone(server.port, '/long')).toMatchObject({ status: 200, body: 'pi' })
    await server.waitFor(
      () => /GET \/long: WsgiError: the body is longer than Content-Length 2/.test(server.output),
      'the error',
    )
  })

  it('a head that is too large is no head', async () => {
    expect((await askAlone(server.port, '/huge')).status).toBe(502)
    await server.waitFor(() => /upstream sent too big header/.test(server.output), 'the error')
    await serves()
  })

  it('a client that takes nothing stops the application, and one that goes away closes its body', async () => {
    const socket = connect(server.port, '127.0.0.1').pause()
    socket.on('error', () => undefined)
    socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(server.output).not.toContain('the memory is full')
    await serves()
    socket.destroy()
    await server.waitFor(() => server.output.includes('endless: closed'), 'the end of the body')
  })

  it('a leak: a successor takes over and nobody waits', async () => {
    const statuses = []
    for (let round = 0; round < 4; round += 1) statuses.push((await askAlone(server.port, '/leak')).status)
    const replaced =
      /worker app:one#0 \(process (\d+)\) is replaced: it has \d+ MiB of resident memory \(reload_on_rss 250 MiB\)/
    while (!replaced.test(server.output)) statuses.push((await askAlone(server.port, '/')).status)
    const before = replaced.exec(server.output)?.[1]
    await server.waitFor(
      () => new RegExp(`\\(process ${before}\\) exited with code 0`).test(server.output),
      'its end',
    )
    statuses.push((await askAlone(server.port, '/')).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
  }, 60_000)

  it('portico status shows what runs, to the owner alone', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET /turns/never HTTP/1.1\r\nHost: x\r\n\r\n')
    const { code, output } = await server.named('status')
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/^app:turns#0 +\d+ +ready +\d+ +0 .*\n +\d+\.\d s {2}request \w+: GET \/never$/m),
    ])
    expect(statSync(server.path('run/control.sock')).mode & 0o777).toBe(0o600)
    const json = JSON.parse((await server.named('status', ['--json'])).output) as MasterStatus
    expect(json.groups.map(({ name }) => name)).toEqual(['app:one', 'app:turns', 'front'])
    socket.destroy()
  })

  it('one that is slow: the queue is bounded, the rest gets a 503', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => askAlone(server.port, '/turns/slow')))
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503, 503])
    expect(refused.every(({ head }) => /^Retry-After: 1\r?$/m.test(head))).toBe(true)
  })

  it('max_requests: the worker is replaced, no request is lost', async () => {
    const statuses = []
    for (let round = 0; round < 12; round += 1) statuses.push((await askAlone(server.port, '/turns/')).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    await server.waitFor(
      () =>
        /worker app:turns#0 \(process \d+\) is replaced: it has answered 4 requests \(max_requests\)/.test(
          server.output,
        ),
      'the replacement',
    )
  })
})

describe('code that does not boot', () => {
  it('at the start: the reason, and code 1', async () => {
    const failing = PorticoServer.start({
      conf: `app bad { entry bad.mjs; } http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass bad; } } }`,
      files: { 'bad.mjs': 'throw new Error("no database")\n' },
    })
    await expect(failing).rejects.toThrow(/\[emerg\] .*app:bad#0 failed: \S*bad\.mjs:1: Error: no database/)
  })

  it('at a reload: the code before it serves on', async () => {
    const entry = (text: string): string =>
      `export const application = (environ, start) => { start('200 OK', []); return [Buffer.from('${text}')] }\n`
    const server = await PorticoServer.start({
      conf: `error_log stderr info; app site { entry site.mjs; } http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass site; } } }`,
      files: { 'site.mjs': entry('first') },
    })
    try {
      server.write('site.mjs', 'export const application = 1 +\n')
      server.signal('SIGHUP')
      await server.waitFor(
        () =>
          /reload failed, the running configuration stays: app:site#0 failed: \S*site\.mjs/.test(
            server.output,
          ),
        'the refusal',
      )
      expect((await askAlone(server.port, '/')).body).toBe('first')
      server.write('site.mjs', entry('second'))
      server.signal('SIGHUP')
      await expect
        .poll(async () => (await askAlone(server.port, '/')).body, { timeout: 15_000 })
        .toBe('second')
    } finally {
      await server.stop()
    }
  }, 60_000)

  it('after a crash: it is tried again more and more seldom, with the reason each time, and comes back', async () => {
    const good = `export const application = (environ, start) => { if (environ.PATH_INFO === '/abort') process.abort(); start('200 OK', []); return [Buffer.from('x')] }\n`
    const server = await PorticoServer.start({
      conf: `error_log stderr info; app site { entry site.mjs; } http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass site; app_next_upstream off; } } }`,
      files: { 'site.mjs': good },
    })
    try {
      server.write('site.mjs', 'throw new Error("no database")\n')
      expect((await askAlone(server.port, '/abort')).status).toBe(502)
      const reasons = (): number =>
        (server.output.match(/app:site#0 .*failed: \S*site\.mjs:1: Error: no database/g) ?? []).length
      const delays = (): number[] =>
        [...server.output.matchAll(/; it is started again in (\d+) ms/g)].map(([, ms]) => Number(ms))
      await server.waitFor(() => delays().length >= 2, 'two delays', 60_000)
      // those that cost nothing have their reason, too
      expect(reasons()).toBeGreaterThan(2)
      expect(delays().slice(0, 2)).toEqual([250, 500])
      server.write('site.mjs', good)
      await expect.poll(async () => (await askAlone(server.port, '/')).status, { timeout: 60_000 }).toBe(200)
    } finally {
      await server.stop()
    }
  }, 120_000)
})
