import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { sendSignal } from '../../src/process/send-signal.ts'
import { isAlive, MasterUnderTest, until } from './fixtures/master-under-test.ts'
import type { EchoConf } from './fixtures/master.ts'

const running: MasterUnderTest[] = []

afterEach(async () => {
  for (const master of running.splice(0)) await master.close()
})

function launch(conf: Partial<EchoConf> = {}, descriptors?: number): MasterUnderTest {
  const master = new MasterUnderTest(conf, descriptors)
  running.push(master)
  return master
}

/** Until the pid file is there: all workers are ready then. */
async function serve(conf: Partial<EchoConf> = {}, descriptors?: number): Promise<MasterUnderTest> {
  const master = launch(conf, descriptors)
  await until(
    () => existsSync(master.pidFile),
    () => `a pid file; the log says\n${master.stderr}`,
  )
  return master
}

/** Asks again and again, a few at a time, until `stop`; counts answers and keeps failures. */
function load(master: MasterUnderTest, what = 'A') {
  const result = { answers: 0, failures: [] as string[], versions: new Set<string>() }
  let stopped = false
  const client = async (): Promise<void> => {
    while (!stopped) {
      try {
        result.versions.add((await master.ask(what)).version)
        result.answers += 1
      } catch (error) {
        result.failures.push(error instanceof Error && 'code' in error ? String(error.code) : String(error))
      }
    }
  }
  const clients = [client(), client(), client(), client()]
  return {
    result,
    async stop() {
      stopped = true
      await Promise.all(clients)
      return result
    },
  }
}

async function pids(master: MasterUnderTest, count: number): Promise<number[]> {
  const seen = new Set<number>()
  await until(
    async () => {
      for (const { pid } of await Promise.all(Array.from({ length: 8 }, () => master.ask()))) seen.add(pid)
      return seen.size >= count
    },
    () => `${count} pids, saw ${[...seen].join()}`,
  )
  return [...seen]
}

describe('a worker that dies', () => {
  test.each([1, 2])(
    'kill -9 under load with %d worker(s): nobody is refused, a replacement soon',
    async (count) => {
      const master = await serve({ count })
      const clients = load(master)
      for (let kill = 0; kill < 2; kill += 1) {
        const [victim = 0] = await pids(master, 1)
        const killedAtMs = performance.now()
        process.kill(victim, 'SIGKILL')
        await master.says('is ready', count + kill + 1)
        // from unbuilt sources on a busy machine; test/system/kill-workers holds the built program to one second
        expect(performance.now() - killedAtMs).toBeLessThan(3000)
      }
      const { answers, failures } = await clients.stop()
      expect(answers).toBeGreaterThan(10)
      // What the dead had accepted is lost, at most one of four clients each; what was queued is not.
      expect(failures.filter((code) => code === 'ECONNREFUSED' || code === 'ENOENT')).toEqual([])
      expect(failures.length).toBeLessThanOrEqual(8)
      expect(master.stderr).toMatch(/\[alert\] worker echo#\d \(process \d+\) exited on signal SIGKILL/)
    },
  )

  test('an error that nobody caught is logged with its stack, the worker replaced', async () => {
    const master = await serve()
    await master.ask('X').catch(() => {})
    await master.says('is ready', 2)
    expect(master.stderr).toMatch(/\[alert\] worker echo#0 .* failed: Error: nobody catches this\n {4}at /)
    await master.ask()
  })

  test('an endless loop is found by its silence', async () => {
    const master = await serve({ heartbeatTimeoutMs: 400 })
    await expect(master.ask('L')).rejects.toThrow()
    await master.says('gave no heartbeat for 400 ms')
    await master.ask()
  })

  test('one that runs out of descriptors serves on', async () => {
    const master = await serve({}, 40)
    const { pid } = await master.ask()
    const idle = Array.from({ length: 100 }, () => connect(master.socketPath))
    for (const socket of idle) socket.on('error', () => {})
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (const socket of idle) socket.destroy()
    await until(
      async () => (await master.ask().catch(() => undefined))?.pid === pid,
      () => `the same worker to answer: ${master.stderr}`,
    )
  })

  test('so is a stopped process', async () => {
    const master = await serve({ heartbeatTimeoutMs: 400 })
    const { pid } = await master.ask()
    process.kill(pid, 'SIGSTOP')
    const answer = await master.ask()
    expect(answer.pid).not.toBe(pid)
    expect(isAlive(pid)).toBe(false)
  })
})

describe('reload', () => {
  test('keeps serving, and ends with the new version only', async () => {
    const master = await serve({ boot: { version: 'v0' }, count: 2 })
    const clients = load(master)
    for (let version = 1; version <= 3; version += 1) {
      master.write({ boot: { version: `v${version}` }, count: version === 2 ? 1 : 2 })
      sendSignal(master.pidFile, 'reload')
      await until(
        async () => (await master.ask()).version === `v${version}`,
        () => `version ${version}: ${master.stderr}`,
      )
    }
    const { answers, failures, versions } = await clients.stop()
    expect(failures).toEqual([])
    expect(answers).toBeGreaterThan(20)
    // each version has answered above; these clients saw the first one and no other than those four
    expect(versions).toContain('v0')
    expect(['v0', 'v1', 'v2', 'v3']).toEqual(expect.arrayContaining([...versions]))
  })

  test('a request in flight is finished by the old worker', async () => {
    const master = await serve({ boot: { version: 'old', slowMs: 700 } })
    const slow = master.ask('S')
    master.write({ boot: { version: 'new' } })
    master.kill('SIGHUP')
    await until(
      async () => (await master.ask()).version === 'new',
      () => master.stderr,
    )
    expect((await slow).version).toBe('old')
    await master.says('exited with code 0')
  })

  test('one that cannot boot changes nothing and says why', async () => {
    const master = await serve({ boot: { version: 'old' } })
    const before = await master.ask()
    master.write({ boot: { fail: 'the entry is gone' } })
    master.kill('SIGHUP')
    await master.says(
      '[emerg] reload failed, the running configuration stays: echo#0 failed: Error: the entry is gone',
    )
    expect(await master.ask()).toEqual(before)
  })

  test('a storm leaves one generation and no descriptor behind', async () => {
    const master = await serve({ count: 1 })
    const descriptors = (): number => readdirSync(`/proc/${master.pid}/fd`).length
    const children = (): string[] =>
      readFileSync(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8').trim().split(' ')
    const before = descriptors()
    for (let hup = 0; hup < 20; hup += 1) {
      master.kill('SIGHUP')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await until(
      () => children().length === 1 && descriptors() <= before,
      () => `${children().join()} and ${descriptors()} descriptors, ${before} before`,
    )
    await master.ask()
  })
})

describe('start', () => {
  test('a worker that cannot boot: exit 1, the reason, nothing left', async () => {
    const master = launch({ boot: { fail: 'no database' } })
    expect(await master.exit).toBe(1)
    expect(master.stderr).toContain('[emerg] echo#0 failed: Error: no database\n    at ')
    expect(readdirSync(master.directory)).toEqual(['conf.json'])
  })

  test('a worker module that does not exist: the same', async () => {
    const master = launch({ module: 'nowhere.ts' })
    expect(await master.exit).toBe(1)
    expect(master.stderr).toMatch(/error\] echo#0: .*Cannot find module .*nowhere\.ts/)
    expect(master.stderr).toContain('[emerg] echo#0 exited with code 1')
  })

  test('a busy port: exit 1, which and whose', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const master = launch({ listen: `127.0.0.1:${port}` })
    expect(await master.exit).toBe(1)
    server.close()
    expect(master.stderr).toMatch(
      new RegExp(
        String.raw`^\[emerg\] bind\(\) to 127\.0\.0\.1:${port} failed \(98: Address already in use\), process ${process.pid} \(.+\) listens there\n$`,
      ),
    )
  })

  test('a pid file of a dead process and a left-over socket are replaced', async () => {
    const first = await serve()
    const { pid } = await first.ask()
    first.kill('SIGKILL')
    await first.exit
    await until(
      () => !isAlive(pid),
      () => 'the orphaned worker to end',
    )
    expect(existsSync(first.socketPath)).toBe(true)
    const second = launch({ listen: `unix:${first.socketPath}`, pidFile: first.pidFile })
    await second.says('is ready')
    await until(
      () => readFileSync(first.pidFile, 'utf8') === `${second.pid}\n`,
      () => 'the new pid',
    )
    await second.ask('A', first.socketPath)
  })
})

describe('the end', () => {
  test('QUIT finishes what is in flight; then no path, no pid file, no process', async () => {
    const master = await serve({ boot: { slowMs: 500 }, count: 2 })
    const workers = await pids(master, 2)
    const slow = master.ask('S')
    await new Promise((resolve) => setTimeout(resolve, 100))
    sendSignal(master.pidFile, 'quit')
    expect(workers).toContain((await slow).pid)
    expect(await master.exit).toBe(0)
    expect(readdirSync(master.directory)).toEqual(['conf.json'])
    expect(workers.filter(isAlive)).toEqual([])
  })

  test('at the shutdown limit it is cut', async () => {
    const master = await serve({ boot: { slowMs: 60_000 }, shutdownTimeoutMs: 300 })
    const slow = expect(master.ask('S')).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 100))
    master.kill('SIGQUIT')
    await slow
    expect(await master.exit).toBe(0)
    expect(master.stderr).toContain('exited with code 0')
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s waits for nobody', async (signal) => {
    const master = await serve({ boot: { slowMs: 60_000 } })
    const slow = expect(master.ask('S')).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 100))
    master.kill(signal)
    await slow
    expect(await master.exit).toBe(0)
  })

  test("a terminal's HUP and INT to a worker are not its business", async () => {
    const master = await serve()
    const { pid } = await master.ask()
    process.kill(pid, 'SIGINT')
    process.kill(pid, 'SIGHUP')
    process.kill(pid, 'SIGUSR1')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await master.ask()).pid).toBe(pid)
    expect(master.stderr).not.toContain('Debugger')
  })
})

describe('a command', () => {
  /** A program that is no worker of ours: answers each connection's first bytes with its pid, then closes. */
  const program = (path: string): [string, ...string[]] => [
    process.execPath,
    '-e',
    `const path = ${JSON.stringify(path)}
require('node:fs').rmSync(path, { force: true })
const answer = (socket) => socket.once('data', () => socket.end(process.pid + ' other\\n')).on('error', () => {})
require('node:net').createServer(answer).listen(path, () => console.log('listening'))`,
  ]

  test('is ready when it accepts, replaced when it dies, ended with its master', async () => {
    const master = launch()
    const path = join(master.directory, 'program.sock')
    master.write({ listen: `unix:${path}`, command: program(path) })
    await master.says('is ready')
    const { pid, version } = await master.ask('A', path)
    expect(version).toBe('other')
    await master.says('[notice] echo#0: listening')
    process.kill(pid, 'SIGKILL')
    await master.says('exited with code 137')
    await master.says('is ready', 2)
    const next = await master.ask('A', path)
    expect(next.pid).not.toBe(pid)
    master.kill('SIGKILL')
    await until(
      () => !isAlive(next.pid),
      () => 'the command to end with its master',
    )
  })

  test('that cannot be found says so', async () => {
    const master = launch({ command: ['/no/such/program'] })
    expect(await master.exit).toBe(1)
    expect(master.stderr).toMatch(/\[error\] echo#0: .*\/no\/such\/program.*not found/)
    expect(master.stderr).toContain('[emerg] echo#0 exited with code 127')
  })
})

test('USR1 reopens the logs of all workers, told to the master or to one of them', async () => {
  const master = await serve({ count: 2 })
  sendSignal(master.pidFile, 'reopen')
  await master.says('[notice] echo#0: reopens its logs')
  await master.says('[notice] echo#1: reopens its logs')
  process.kill((await master.ask()).pid, 'SIGUSR1')
  await master.says('reopens its logs', 3)
})

test('sendSignal says what is wrong with a pid file', async () => {
  const master = await serve()
  const path = join(master.directory, 'x.pid')
  expect(() => sendSignal(path, 'stop')).toThrow(`no process id in "${path}"; is the server running?`)
  writeFileSync(path, '4194304\n')
  expect(() => sendSignal(path, 'stop')).toThrow('kill(4194304, TERM) failed')
  expect(() => sendSignal(master.directory, 'stop')).toThrow('(21: Is a directory)')
})
