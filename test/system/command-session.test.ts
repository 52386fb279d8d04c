/** Programs that leave the process group they were started in (setsid): no process of theirs outlives their master. */
import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { describeWithPeer } from '../support/peer.ts'
import { isAlive, MasterUnderTest, until } from './fixtures/master-under-test.ts'
import type { EchoConf } from './fixtures/master.ts'

const running: MasterUnderTest[] = []

afterEach(async () => {
  for (const master of running.splice(0)) await master.close()
})

async function serve(make: (folder: string) => Partial<EchoConf>): Promise<MasterUnderTest> {
  const master = new MasterUnderTest({})
  running.push(master)
  master.write(make(realpathSync(master.directory)))
  await master.says('is ready')
  return master
}

/** Processes whose command line names the folder, but for the master. */
function processesOf(master: MasterUnderTest): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== master.pid && commandLine(pid).includes(master.directory))
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

async function expectNobody(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(0)
  await until(
    () => !pids.some(isAlive),
    () => `the end of ${pids.filter(isAlive).map(commandLine).join()}`,
  )
}

/** Has a child of its own in its group; both do as `onTerm` says when they are asked to end. */
const PROGRAM = `
const [, , path, onTerm, role] = process.argv
process.on('SIGTERM', () => onTerm === 'end' && process.exit(0))
if (role === 'child') setInterval(() => {}, 1000)
else {
  const child = require('node:child_process').spawn(process.execPath, [__filename, path, onTerm, 'child'])
  require('node:fs').rmSync(path, { force: true })
  require('node:net').createServer((socket) => socket.on('error', () => {}).end('x')).listen(path)
  process.on('exit', () => child.kill('SIGTERM'))
}
`

function session(onTerm: 'end' | 'ignore', wrapper = 'setsid') {
  return (folder: string): Partial<EchoConf> => {
    const script = join(folder, 'program.cjs')
    writeFileSync(script, PROGRAM)
    const path = join(folder, 'program.sock')
    const argv: [string, ...string[]] = [wrapper, process.execPath, script, path, onTerm, 'parent']
    return { listen: `unix:${path}`, command: argv, shutdownTimeoutMs: 300 }
  }
}

describe('a program in a session of its own', () => {
  test.each(['SIGTERM', 'SIGQUIT'] as const)('is asked to end by %s', async (signal) => {
    const master = await serve(session('end'))
    const pids = processesOf(master)
    master.kill(signal)
    expect(await master.exit).toBe(0)
    expect(master.stderr).not.toContain('was killed')
    await expectNobody(pids)
  })

  test.each([
    ['of its own session', 'setsid'],
    ["of the shell's group", '/usr/bin/env'],
  ])('that does not end is killed with its children, %s', async (_, wrapper) => {
    const master = await serve(session('ignore', wrapper))
    const pids = processesOf(master)
    expect(pids.length).toBeGreaterThanOrEqual(2)
    master.kill('SIGQUIT')
    expect(await master.exit).toBe(0)
    expect(master.stderr).toContain('and was killed')
    await expectNobody(pids)
  })

  test('ends with a master that was killed', async () => {
    const master = await serve(session('end'))
    const pids = processesOf(master)
    master.kill('SIGKILL')
    await expectNobody(pids)
  })

  test('leaves no child behind where it dies, so that the next one finds the address free', async () => {
    const master = await serve(session('end'))
    const pids = processesOf(master).filter((pid) => commandLine(pid).includes('program.cjs'))
    const child = pids.find((pid) => commandLine(pid).includes('child')) ?? 0
    for (const pid of pids)
      if (commandLine(pid).startsWith(process.execPath) && pid !== child) process.kill(pid, 9)
    await master.says('is ready', 2)
    await expectNobody([child])
  })
})

describeWithPeer('php-fpm', 'PHP-FPM', (phpFpm) => {
  test.each(['SIGTERM', 'SIGQUIT'] as const)('%s leaves none of its processes', async (signal) => {
    const master = await serve((folder) => {
      const path = join(folder, 'fpm.sock')
      writeFileSync(
        join(folder, 'fpm.conf'),
        `[global]\npid = ${folder}/fpm.pid\nerror_log = ${folder}/fpm.log\ndaemonize = no\n` +
          `[www]\nlisten = ${path}\npm = static\npm.max_children = 2\nuser = nobody\ngroup = nogroup\n`,
      )
      const argv = [phpFpm, '-n', '-R', '-F', '-p', folder, '-y', `${folder}/fpm.conf`] as const
      return { listen: `unix:${path}`, command: [...argv] }
    })
    const leader = Number(readFileSync(join(master.directory, 'fpm.pid'), 'latin1'))
    const children = readFileSync(`/proc/${leader}/task/${leader}/children`, 'latin1').trim().split(' ')
    expect(children).toHaveLength(2)
    master.kill(signal)
    expect(await master.exit).toBe(0)
    await expectNobody([leader, ...children.map(Number)])
  })
})
