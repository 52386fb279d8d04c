/** The server as process 1, as in a container without an init: whose children it gets. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'

const MAIN = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const ORPHANS = 8
const WAIT_MS = 45_000

/** Leaves a process behind whose parent ends at once, or ends itself. */
const APPLICATION = `
import { spawnSync } from 'node:child_process'
export const application = (environ, start) => {
  if (environ.PATH_INFO === '/orphan') spawnSync('sh', ['-c', 'sleep 0.05 & exit 3'])
  if (environ.PATH_INFO === '/die') process.kill(process.pid, 'SIGKILL')
  start('200 OK', [])
  return [Buffer.from(String(process.pid))]
}
`
/** Where namespaces cannot be had orphans go elsewhere, and the rest is the same. */
const isFirst = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0

let folder: string
let port: number
let server: ChildProcess
let output = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portico-first-'))
  port = await freePort()
  for (const name of ['conf', 'logs']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'wsgi.ts'), APPLICATION)
  writeFileSync(
    join(folder, 'conf/portico.conf'),
    `error_log stderr info;
     app one { entry wsgi.ts; workers 2; }
     http { access_log off; server { listen 127.0.0.1:${port}; location / { app_pass one; } } }`,
  )
  const command = [process.execPath, MAIN, '-p', folder, '-c', 'conf/portico.conf']
  const entered = isFirst
    ? ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', ...command]
    : command
  server = spawn(entered[0] ?? '', entered.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const pipe of [server.stdout, server.stderr]) {
    pipe?.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')))
  }
  await until(async () => (await ask('/')).status === 200)
})
afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGKILL') // and with it all of its namespace
  await ended
  rmSync(folder, { recursive: true, force: true })
})

async function ask(path: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: answer.status, text: await answer.text() }
  } catch {
    return { status: 0, text: '' }
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain; the server wrote:\n${output}`)
    await sleep(50)
  }
}

/** Children of the master that have ended and that nobody has waited for. */
function endedOrphans(): number {
  const master = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1').trim()
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'latin1')
      } catch {
        return ''
      }
    })
  return stats.filter((stat) => stat.includes(`(sleep) Z ${master} `)).length
}

describe(`The server${isFirst ? ' as process 1' : ''}`, () => {
  it('takes orphans for no workers of its own, serves on, and still replaces a worker that dies', async () => {
    for (let n = 0; n < ORPHANS; n += 1) expect((await ask('/orphan')).status).toBe(200)
    if (isFirst) await until(() => endedOrphans() === ORPHANS)
    else await sleep(200)
    expect(output).not.toMatch(/exited|is replaced|\[(?:alert|crit|emerg|warn)\]/)
    const before = output.split(' is ready').length
    await ask('/die')
    await until(() => output.split(' is ready').length > before)
    expect(output.match(/exited on signal SIGKILL/g)?.length).toBeGreaterThan(0)
    expect((await ask('/')).status).toBe(200)
    expect(output).not.toMatch(/\[emerg\]/)
  })
})
