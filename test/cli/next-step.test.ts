/** Faults of the system, in its own words, and what whoever started the program is told to do. */
import { createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describe, expect, it } from 'vitest'
import { explainFault } from '../../src/cli/explain-fault.ts'
import { placesOf, readConf } from '../../src/cli/load-conf.ts'
import { nextStep } from '../../src/cli/next-step.ts'
import { runtimeProblem } from '../../src/cli/require-runtime.ts'
import { SiteError } from '../../src/cli/service/site.ts'
import { bindSocket } from '../../src/io/bind.ts'
import { sendSignal } from '../../src/process/send-signal.ts'

async function failureOf(start: () => unknown): Promise<string> {
  try {
    await start()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('it did not fail')
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-step-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('The next step after a fault that happens', () => {
  it('names the process that has the address', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const message = await failureOf(() => bindSocket({ kind: 'tcp', host: '127.0.0.1', port }))
    taken.close()
    expect(nextStep(message)).toMatch(
      new RegExp(
        `^  \\S+ \\(process ${process.pid}\\) listens on 127\\.0\\.0\\.1:${port}: stop it \\(kill ${process.pid}\\), or change "listen" in the conf\n$`,
      ),
    )
  })

  it('makes the folder of a socket', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'none/x.sock')
      const message = await failureOf(() => bindSocket({ kind: 'unix', path }))
      expect(nextStep(message)).toBe(`  make its folder: mkdir -p ${folder}/none\n`)
    }))

  it('shows the way to a conf', () =>
    inFolder(async (folder) => {
      const read = (conf?: string) => () =>
        readConf(placesOf({ prefix: folder, conf, errorLog: undefined }, '/'), '')
      expect(nextStep(await failureOf(read()))).toBe(
        "  go to a site's folder, name one with -p or a conf with -c, or begin: portico new NAME, portico demo\n",
      )
      expect(nextStep(await failureOf(read('shop.conf')))).toBe(`  is it spelled right? ls ${folder}\n`)
    }))

  it('says how a server that does not run is started', () =>
    inFolder(async (folder) => {
      const pid = join(folder, 'run/portico.pid')
      expect(nextStep(await failureOf(() => sendSignal(pid, 'reload')))).toBe(
        `  nothing runs that wrote ${pid}: start it with portico, or name the running one's folder with -p\n`,
      )
    }))
})

describe('The next step after a fault of another machine', () => {
  it.each<[string, RegExp]>([
    [
      'bind() to 0.0.0.0:80 failed (13: Permission denied)',
      /^ {2}ports below 1024 are root's\. .*sysctl net\.ipv4\.ip_unprivileged_port_start=80\n$/,
    ],
    ['bind() to 192.0.2.1:80 failed (99: Cannot assign requested address)', /"ip address" shows/],
    ['bind() to 0.0.0.0:80 failed (98: Address already in use)', /"ss -ltnp" shows who/],
    ['bind() to unix:/srv/run/x.0.sock failed (98: Address already in use)', /"ss -lxp" shows who/],
    ['bind() to unix:/run/x.sock failed (13: Permission denied)', /ls -ld \/run\n$/],
    ['open() "/srv/logs/access.log" failed (2: No such file or directory)', /mkdir -p \/srv\/logs;/],
    ['open() "/etc/ssl/key.pem" failed (13: Permission denied)', /ls -l \/etc\/ssl\/key\.pem\n$/],
    ['unknown directive "nosuch"', /^$/],
  ])('%s', (message, step) => {
    expect(nextStep(message)).toMatch(step)
  })
})

describe('What a command ended with', () => {
  const words = (): Error => {
    try {
      parseArgs({ args: ['--nosuch'], options: {} })
    } catch (error) {
      if (error instanceof Error) return error
    }
    throw new Error('parseArgs takes anything')
  }

  it.each<[string, string, unknown, RegExp]>([
    [
      'an option that is not there',
      'demo',
      words(),
      /^portico: demo: Unknown option '--nosuch'\nUsage: portico demo .*\nEvery option: portico help demo\n$/,
    ],
    ['a site', 'logrotate', new SiteError('no files'), /^portico: logrotate: no files\n$/],
    ['a fault of ours', 'demo', new TypeError('x is not a function'), /^portico: TypeError: x[^]*\n +at /],
    [
      'a fault of the system',
      'demo',
      Object.assign(new Error('EACCES: permission denied, mkdir'), { syscall: 'mkdir' }),
      /^portico: demo: EACCES: permission denied, mkdir\n$/,
    ],
  ])('%s', (_name, command, error, text) => {
    expect(explainFault(command, error)).toMatch(text)
  })

  it('knows the runtimes that will do', () => {
    expect(runtimeProblem('24.0.0')).toBeUndefined()
    expect(runtimeProblem('26.1.2')).toBeUndefined()
    expect(runtimeProblem('22.22.3')).toContain('this is Node.js 22.22.3, and 24 or later is needed')
  })
})
