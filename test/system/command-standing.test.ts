/** What `app { command ...; }` says of the program's process is so; what workers count is in `metrics`. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const PROGRAM = `
const own = {
  uid: process.getuid?.(), gid: process.getgid?.(), groups: process.getgroups?.(),
  umask: process.umask(), cwd: process.cwd(), said: process.env.SAID, path: process.env.PATH !== undefined,
}
require('node:http').createServer((_, response) => response.end(JSON.stringify(own))).listen(Number(process.argv[2]), '127.0.0.1')
`
const ENTRY = `
export function application(environ, startResponse) {
  startResponse('200 OK', [])
  return [Buffer.from('x')]
}`

const isRoot = process.getuid?.() === 0
let server: PorticoServer
let port: number

beforeAll(async () => {
  port = await freePort()
  const own = await freePort()
  server = await PorticoServer.start({
    conf: `
      error_log stderr info;
      app program {
        command ${process.execPath} %PREFIX%/program.cjs ${own};
        protocol http; listen 127.0.0.1:${own}; env SAID yes; cwd /; umask 027;
        ${isRoot ? 'user nobody nogroup;' : ''}
      }
      app site { entry site.mjs; max_requests 5 0; }
      http {
        access_log off;
        server {
          listen 127.0.0.1:${port};
          location = /program { app_pass program; }
          location = /metrics { metrics; }
          location / { app_pass site; }
        }
      }`,
    files: { 'program.cjs': PROGRAM, 'site.mjs': ENTRY },
    mode: 0o755,
    startTimeoutMs: 60_000,
  })
}, 70_000)

afterAll(async () => {
  await server.stop()
})

async function ask(path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text()
}

it('obeys user, umask, env and cwd', async () => {
  const own = JSON.parse(await ask('/program')) as Record<string, unknown>
  expect(own).toMatchObject({ umask: 0o027, cwd: '/', said: 'yes', path: true })
  if (isRoot) expect(own['uid']).not.toBe(0)
  if (isRoot) expect(own['groups']).not.toContain(0)
})

it('counts what application workers do, also of those that were replaced', async () => {
  for (let round = 0; round < 12; round += 1) expect(await ask('/')).toBe('x')
  await expect
    .poll(() => ask('/metrics'), { timeout: 15_000 })
    .toMatch(/^portico_workers_replaced_total\{group="app:site"\} [12]$/m)
  const text = await ask('/metrics')
  expect(text).toMatch(/^portico_app_requests_total\{app="site"\} 12$/m)
  expect(text).toMatch(/^portico_app_refused_total\{app="site"\} 0$/m)
  expect(text).toMatch(/^portico_app_running\{app="site"\} 0$/m)
  expect(text).toMatch(/^portico_app_request_seconds_total\{app="site"\} 0\.\d+$/m)
  expect(text).toMatch(/^# TYPE portico_app_workers gauge$/m)
  expect(text).toMatch(/^portico_app_busy_workers\{app="site"\} 0$/m)
  expect(text).toMatch(/^# TYPE portico_app_request_duration_seconds histogram$/m)
  const buckets = [
    ...text.matchAll(/^portico_app_request_duration_seconds_bucket\{app="site",le="(.*)"\} (\d+)$/gm),
  ]
  const counts = buckets.map(([, , count]) => Number(count))
  expect([buckets.at(0)?.[1], buckets.at(-1)?.[1], counts.at(-1)]).toEqual(['0.001', '+Inf', 12])
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  expect(text).toMatch(/^portico_app_request_duration_seconds_count\{app="site"\} 12$/m)
})
