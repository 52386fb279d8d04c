/** More than it can do: what it takes is answered, the rest is refused at once, and who asks for health is answered. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askAlone, type LoneAnswer } from '../support/lone-request.ts'
import { PorticoServer } from '../support/portico-server.ts'

/**
 * Holds what asks for `/held` until there is a file `go`; works for 20 ms, which nothing interrupts, on `/work`. The
 * second worker does not boot while there is a file `bad`.
 */
const ENTRY = `
import { existsSync } from 'node:fs'
if (existsSync('bad') && process.title.endsWith('#1')) throw new Error('bad')
const held = []
setInterval(() => { if (existsSync('go')) for (const release of held.splice(0)) release() }, 20)
export function application(environ, startResponse) {
  const answer = (text) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(text)]
  }
  const path = environ.PATH_INFO
  if (path === '/held') return new Promise((resolve) => held.push(() => resolve(answer('done'))))
  if (path === '/work') for (const end = performance.now() + 20; performance.now() < end; );
  return answer('well')
}`

function statuses(answers: readonly LoneAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe('more requests at once than an application takes', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        app narrow { entry site.mjs; concurrency 4; queue 8; }
        app plain { entry site.mjs; queue 8; }
        http {
          access_log off;
          server {
            listen 127.0.0.1:%PORT%;
            location = /health { return 200 "well"; }
            location = /held { app_pass narrow; }
            location = /work { app_pass plain; }
            location = /probe { app_pass plain urgent; }
          }
        }`,
      files: { 'site.mjs': ENTRY },
      startTimeoutMs: 120_000,
    })
  }, 150_000)

  afterAll(async () => {
    await server.stop()
  })

  it('those that have a place or wait for one are served, the others refused, and health answers', async () => {
    const answers: LoneAnswer[] = []
    const all = Array.from({ length: 100 }, async () => answers.push(await askAlone(server.port, '/held')))
    await expect.poll(() => answers.length, { timeout: 60_000 }).toBe(88)
    expect(statuses(answers)).toEqual({ 503: 88 })
    expect(answers.every(({ head }) => /^Retry-After: 1\r?$/m.test(head))).toBe(true)
    expect((await askAlone(server.port, '/health')).body).toBe('well')
    server.write('go', '')
    await Promise.all(all)
    expect(statuses(answers)).toEqual({ 200: 12, 503: 88 })
  }, 90_000)

  it('those that keep the processor are refused as well, and the application says that it is well', async () => {
    const probes: LoneAnswer[] = []
    const all = Promise.all(Array.from({ length: 100 }, () => askAlone(server.port, '/work')))
    for (let count = 0; count < 5; count += 1)
      probes.push(await askAlone(server.port, '/probe'), await askAlone(server.port, '/health'))
    const counts = statuses(await all)
    expect(statuses(probes)).toEqual({ 200: 10 })
    expect(Object.keys(counts)).toEqual(['200', '503'])
    expect(counts[200]).toBeGreaterThanOrEqual(9)
    expect(counts[503]).toBeGreaterThan(0)
    expect(await askAlone(server.port, '/work')).toMatchObject({ status: 200 })
  }, 90_000)
})

describe('a place that waits to be filled again', () => {
  it('is passed over: whatever is asked meanwhile is answered by the other', async () => {
    const server = await PorticoServer.start({
      conf: `error_log stderr info;
        app site { entry site.mjs; workers 2; }
        http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass site; } } }`,
      files: { 'site.mjs': ENTRY },
      startTimeoutMs: 120_000,
    })
    try {
      server.write('bad', '')
      const pid = Number(/worker app:site#1 \(process (\d+)\) is ready/.exec(server.output)?.[1])
      process.kill(pid, 'SIGKILL')
      const deaths = (): number => server.output.match(/worker app:site#1 .*: bad/g)?.length ?? 0
      await server.waitFor(() => /it is started again in 8000 ms/.test(server.output), 'a long wait', 90_000)
      const before = deaths()
      const answers: LoneAnswer[] = []
      for (let batch = 0; batch < 10; batch += 1) {
        const methods = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'GET' : 'POST'))
        answers.push(...(await Promise.all(methods.map((method) => askAlone(server.port, '/', method)))))
      }
      // had one waited for the place, it had been tried again by then
      expect([statuses(answers), deaths()]).toEqual([{ 200: 200 }, before])
      rmSync(server.path('bad'))
      const from = server.output.length
      await server.waitFor(
        () => /app:site#1 .* is ready/.test(server.output.slice(from)),
        'its return',
        60_000,
      )
      const after = await Promise.all(Array.from({ length: 40 }, () => askAlone(server.port, '/')))
      expect(statuses(after)).toEqual({ 200: 40 })
    } finally {
      await server.stop()
    }
  }, 240_000)
})
