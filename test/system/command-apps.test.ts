/** Applications that are programs of another make (`command`), of the kind that leaves the path it listened on. */
import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const PROGRAM = `import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
process.title = 'left-path'
createServer((request, response) => {
  const answer = () => response.end(String(process.pid))
  const wait = () => (existsSync(process.argv[3]) ? answer() : setTimeout(wait, 20))
  if (request.url === '/slow') wait()
  else answer()
}).listen(process.argv[2])`

let server: PorticoServer | undefined

const PATIENCE_MS = 60_000

/** Waits, on a busy machine too, until another process answers. */
async function another(pid: () => Promise<number>, before: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const answered = await pid()
    if (answered !== 0 && answered !== before) return
    if (performance.now() > end)
      throw new Error(`no other process answers: ${server?.read('logs/error.log') ?? ''}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

afterEach(async () => {
  await server?.stop()
  server = undefined
})

/** Whom the fronts and the program run as: of the conf, and of the application. */
interface Users {
  readonly front: string
  readonly app: string
}

function confOf(port: number, { front, app }: Users): string {
  return `${front}
      app other { protocol http; command ${process.execPath} %PREFIX%/server.mjs $app_path %PREFIX%/go; ${app} }
      error_log logs/error.log info;
      http { access_log off; server { listen 127.0.0.1:${port}; location / { app_pass other; } } }`
}

async function serve(
  users: Users = { front: '', app: '' },
  listen?: number,
): Promise<(path?: string) => Promise<number>> {
  const port = listen ?? (await freePort())
  server = await PorticoServer.start({
    conf: confOf(port, users),
    files: { 'logs/error.log': '', 'server.mjs': PROGRAM },
    mode: 0o777,
  })
  // its process id; 0 while nobody answers
  return async (path = '/') => Number(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()) || 0
}

it('gets another process by a reload', { timeout: 2 * PATIENCE_MS }, async () => {
  const pid = await serve()
  const before = await pid()
  expect(before).toBeGreaterThan(0)
  server?.signal('SIGHUP')
  await another(pid, before)
})

it(
  'finishes at a reload what it had begun, though TERM is its end at once',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const pid = await serve()
    const before = await pid()
    const slow = pid('/slow')
    await new Promise((resolve) => setTimeout(resolve, 200))
    server?.signal('SIGHUP')
    await another(pid, before)
    writeFileSync(server?.path('go') ?? '', '')
    expect(await slow).toBe(before)
  },
)

it('comes back after it was killed', { timeout: 2 * PATIENCE_MS }, async () => {
  const pid = await serve()
  const before = await pid()
  process.kill(before, 'SIGKILL')
  await another(pid, before)
})

describe.runIf(process.getuid?.() === 0)('under root', () => {
  const FRONT = 'user www-data;'

  it('is reached by fronts of another user, whom its socket lets in', async () => {
    const pid = await serve({ front: FRONT, app: 'user nobody nogroup; umask 000;' })
    expect(await pid()).toBeGreaterThan(0)
  })

  it('may become another user by a reload', { timeout: 2 * PATIENCE_MS }, async () => {
    const port = await freePort()
    const pid = await serve({ front: FRONT, app: 'user nobody nogroup; umask 000;' }, port)
    const before = await pid()
    const conf = confOf(port, { front: FRONT, app: 'user daemon daemon; umask 000;' })
    writeFileSync(server?.path('conf/portico.conf') ?? '', conf.replaceAll('%PREFIX%', server?.folder ?? ''))
    server?.signal('SIGHUP')
    await another(pid, before)
  })
})
