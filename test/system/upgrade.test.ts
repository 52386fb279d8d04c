/** The change of the running program under load, and the way back: no request fails. */
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { MixedLoad } from '../soak/mixed-load.ts'
import { startSoakServer, type SoakServer } from '../soak/soak-server.ts'
import { isAlive, until } from './fixtures/master-under-test.ts'

const LOAD = { fresh: 4, kept: 3, uploads: 1, downloads: 1, tls: 0 }
const running: SoakServer[] = []
const masters: number[] = []

afterEach(async () => {
  for (const pid of masters.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  for (const soak of running.splice(0)) await soak.close()
})

async function serve(main: string): Promise<SoakServer> {
  const soak = await startSoakServer(`worker_processes 1; worker_shutdown_timeout 10s; ${main}`)
  running.push(soak)
  masters.push(soak.server.pid ?? 0)
  return soak
}

function pidIn(soak: SoakServer, name: string): number {
  return Number(soak.server.read(`run/${name}`)) || 0
}

/** USR2, until both serve. Answers the process id of the new master. */
async function change(soak: SoakServer): Promise<number> {
  const old = soak.server.pid ?? 0
  process.kill(old, 'SIGUSR2')
  await until(
    () => pidIn(soak, 'portico.pid.oldbin') === old && pidIn(soak, 'portico.pid') > 0,
    () => `a new master; the log says\n${soak.server.read('logs/error.log')}`,
  )
  const pid = pidIn(soak, 'portico.pid')
  masters.push(pid)
  return pid
}

async function ended(pid: number): Promise<void> {
  await until(
    () => !isAlive(pid),
    () => `the end of process ${pid}`,
  )
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

async function hasChildren(pid: number, count: number): Promise<void> {
  await until(
    () => childrenOf(pid).length === count,
    () => `${count} children of ${pid}, it has ${childrenOf(pid).join()}`,
  )
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('close', () => resolve(false))
    socket.end()
  })
}

describe('in the foreground', () => {
  test('USR2, QUIT to the old one: the new one serves, nobody was refused', async () => {
    const soak = await serve('')
    const load = new MixedLoad(soak, LOAD)
    const old = soak.server.pid ?? 0
    const pid = await change(soak)
    process.kill(old, 'SIGQUIT')
    await ended(old)
    expect(existsSync(soak.server.path('run/portico.pid.oldbin'))).toBe(false)
    expect(soak.server.pid).toBe(pid)
    const before = load.total
    await until(
      () => load.total > before + 100,
      () => 'answers of the new one',
    )
    expect((await load.stop()).failures).toEqual([])
    process.kill(pid, 'SIGTERM')
    await ended(pid)
    expect(existsSync(soak.server.path('run/portico.pid'))).toBe(false)
  })

  test('a new binary that ends gives the pid file back; a terminal that is resized ends nobody', async () => {
    const soak = await serve('')
    const load = new MixedLoad(soak, LOAD)
    const old = soak.server.pid ?? 0
    const pid = await change(soak)
    process.kill(old, 'SIGWINCH')
    process.kill(old, 'SIGUSR2')
    process.kill(pid, 'SIGUSR2')
    const ignored = (): number =>
      soak.server.read('logs/error.log').split('the changing binary signal is ignored').length - 1
    await until(
      () => ignored() === 2,
      () => soak.server.read('logs/error.log'),
    )
    process.kill(pid, 'SIGQUIT')
    await ended(pid)
    await until(
      () => soak.server.pid === old,
      () => 'the pid file of the old one',
    )
    expect(existsSync(soak.server.path('run/portico.pid.oldbin'))).toBe(false)
    expect((await load.stop()).failures).toEqual([])
    expect(await answers(soak.port)).toBe(true)
  })

  test('a new binary that finds the conf wrong ends; the old one goes on', async () => {
    const soak = await serve('')
    const conf = soak.server.read('conf/portico.conf')
    const old = soak.server.pid ?? 0
    soak.server.write('conf/portico.conf', `${conf} nonsense;`)
    process.kill(old, 'SIGUSR2')
    await until(
      () => soak.server.read('logs/error.log').includes('exited with code 1'),
      () => soak.server.read('logs/error.log'),
    )
    expect(soak.server.pid).toBe(old)
    expect(await answers(soak.port)).toBe(true)
  })
})

describe('daemonised', () => {
  test('USR2, WINCH to the old one, HUP to it, QUIT to the new one: all as before, nobody was refused', async () => {
    const soak = await serve('daemon on;')
    expect(await soak.server.exited).toBe(0)
    const old = soak.server.pid ?? 0
    const load = new MixedLoad(soak, LOAD)
    const pid = await change(soak)
    process.kill(old, 'SIGWINCH')
    await hasChildren(old, 1) // the new master
    expect(childrenOf(old)).toEqual([pid])
    process.kill(old, 'SIGHUP')
    await hasChildren(old, 2)
    process.kill(pid, 'SIGQUIT')
    await ended(pid)
    await until(
      () => soak.server.pid === old,
      () => 'the pid file of the old one',
    )
    expect((await load.stop()).failures).toEqual([])
    expect(await answers(soak.port)).toBe(true)
    process.kill(old, 'SIGQUIT')
    await ended(old)
  })

  test('where the new one ends by itself, the old one starts its workers again', async () => {
    const soak = await serve('daemon on;')
    const old = soak.server.pid ?? 0
    const pid = await change(soak)
    process.kill(old, 'SIGWINCH')
    await hasChildren(old, 1)
    process.kill(pid, 'SIGKILL')
    await until(
      () => soak.server.pid === old,
      () => 'the pid file of the old one',
    )
    await hasChildren(old, 1)
    expect(await answers(soak.port)).toBe(true)
    process.kill(old, 'SIGTERM')
    await ended(old)
    expect(await answers(soak.port)).toBe(false)
  })

  test('a start that fails says so where it was started, with exit code 1', async () => {
    const soak = await serve('')
    const conf = soak.server.read('conf/portico.conf')
    soak.server.write('conf/second.conf', `daemon on; pid run/second.pid; ${conf}`)
    const { code, output } = await soak.server.command(['-c', 'conf/second.conf'])
    expect(output).toMatch(
      /^portico: \[emerg\] bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\)/,
    )
    expect(code).toBe(1)
  })
})
