/**
 * An application of another make (`command`) under `portico dev`: the processes that the master would start, as who
 * started this one. One that ends is a failure to show until something in the project changes.
 */
import { failureOf, type AppFailure } from '../dev/app-failure.ts'
import type { DevLog } from '../dev/dev-log.ts'
import type { AppGate } from '../dev/dev-observer.ts'
import { makeOwnFolder } from '../io/files/project-files.ts'
import { probeAddress } from '../io/probe-address.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { CommandProgram, WorkerGroup } from '../process/generation.ts'
import type { ExitStatus, WorkerHandle } from '../process/host.ts'
import { spawnWorker } from '../process/spawn-worker.ts'

export interface DevProgramOptions {
  readonly name: string
  readonly groups: readonly WorkerGroup[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: DevLog
}

interface Running {
  readonly handle: WorkerHandle
  readonly ended: Promise<void>
}

const BOOT_LIMIT_MS = 60_000
const PROBE_INTERVAL_MS = 50
/** How long it may finish what it does. */
const END_MS = 5000

export class DevProgram implements AppGate {
  readonly options: DevProgramOptions
  readonly #running = new Set<Running>()
  /** While it starts, and for good where it failed. */
  #start: Promise<AppFailure | undefined> | undefined
  #failed = false
  #closed = false

  constructor(options: DevProgramOptions) {
    this.options = options
    this.start()
  }

  ready(): Promise<AppFailure | undefined> | undefined {
    return this.#start
  }

  get failed(): boolean {
    return this.#failed
  }

  /** All of its processes anew, where one had failed. */
  start(): void {
    this.#failed = false
    this.#start = this.#serveAll().then(
      () => (this.#start = undefined),
      (error: unknown) => this.#fail(error),
    )
  }

  async #serveAll(): Promise<void> {
    await this.#end()
    if (this.#closed) return
    const programs = this.options.groups.flatMap(({ program, env }) =>
      program.kind === 'command' ? [{ program, env }] : [],
    )
    await Promise.all(programs.map(({ program, env }) => this.#serve(program, env)))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#end()
  }

  async #end(): Promise<void> {
    if (this.#running.size === 0) return
    for (const { handle } of this.#running) handle.signal('SIGTERM')
    const late = setTimeout(() => {
      for (const { handle } of this.#running) handle.signal('SIGKILL')
    }, END_MS)
    await Promise.all([...this.#running].map(({ ended }) => ended))
    clearTimeout(late)
  }

  /** Resolves when it accepts connections. */
  async #serve(program: CommandProgram, env: WorkerGroup['env']): Promise<void> {
    const { address } = program
    if (address.kind === 'unix') makeOwnFolder(address.path)
    let over = false
    const running = this.#spawn(program, env)
    void running.ended.then(() => (over = true))
    const lateMs = performance.now() + BOOT_LIMIT_MS
    for (;;) {
      const problem = await probeAddress(address)
      if (problem === undefined) return
      if (over) throw new Error(`${program.argv[0]} ended before it listened on ${textOf(address)}`)
      if (performance.now() > lateMs)
        throw new Error(`${program.argv[0]} does not listen on ${textOf(address)}: ${problem}`)
      await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
    }
  }

  #spawn(program: CommandProgram, env: WorkerGroup['env']): Running {
    const { name, log } = this.options
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    log.line('notice', `app ${name}: ${program.argv.join(' ')}`)
    const handle = spawnWorker(
      {
        program: { ...program, user: undefined },
        env: { ...this.options.env, ...env },
        fds: [],
        inheritOutput: false,
      },
      {
        onMessage: () => undefined,
        onLine: (_stream, line) => log.line('info', `app ${name}: ${line}`),
        onExit: (status) => {
          this.#running.delete(running)
          resolve()
          if (!this.#closed) this.#start ??= Promise.resolve(this.#fail(exitError(program, status)))
        },
      },
    )
    const running = { handle, ended }
    this.#running.add(running)
    return running
  }

  #fail(error: unknown): AppFailure {
    const failure = failureOf(error)
    this.#failed = true
    if (!this.#closed) this.options.log.line('error', `app ${this.options.name} failed: ${failure.message}`)
    return failure
  }
}

function exitError({ argv }: CommandProgram, { code, signal, error }: ExitStatus): Error {
  return error ?? new Error(`${argv[0]} ended with ${signal ?? `code ${String(code)}`}`)
}

function textOf(address: SocketAddress): string {
  return address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`
}
