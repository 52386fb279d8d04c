/** A server under measurement: started on given processors, its CPU time read from /proc over all its processes. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface ContenderSpec {
  readonly name: string
  /** Programs of this contender, started in order; the last one answers on `port`. */
  readonly commands: readonly {
    readonly argv: readonly [string, ...string[]]
    readonly env?: Record<string, string>
  }[]
  readonly port: number
  readonly cwd?: string
  /** Connections that are opened before the rounds, used once and then held idle. */
  readonly idleConnections?: number
}

/** Kernel clock ticks in a second (USER_HZ), which Linux fixes at 100 for /proc. */
const TICKS_PER_SECOND = 100
/** Processor of the load generator. */
export const LOAD_CPU = '1'
const START_TIMEOUT_MS = 20_000
const IDLE_CLIENT = fileURLToPath(new URL('idle-client.ts', import.meta.url))

export class Contender {
  readonly spec: ContenderSpec
  readonly #children: ChildProcess[] = []
  readonly #holders: ChildProcess[] = []
  #output = ''
  /** From the start of the last program to the first accepted connection. */
  startMs = NaN

  constructor(spec: ContenderSpec) {
    this.spec = spec
  }

  /** Starts all programs on `cpus` (taskset's list) and waits for the port. */
  async start(cpus: string): Promise<void> {
    let began = 0
    for (const { argv, env } of this.spec.commands) {
      began = performance.now()
      const child = spawn('taskset', ['-c', cpus, ...argv], {
        cwd: this.spec.cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout.on('data', (bytes: Buffer) => (this.#output += bytes.toString()))
      child.stderr.on('data', (bytes: Buffer) => (this.#output += bytes.toString()))
      this.#children.push(child)
    }
    const end = performance.now() + START_TIMEOUT_MS
    while (!(await accepts(this.spec.port))) {
      if (performance.now() > end) throw new Error(`${this.spec.name} does not listen:\n${this.#output}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    this.startMs = performance.now() - began
    if (this.spec.idleConnections !== undefined) await this.#holdIdle(this.spec.idleConnections)
  }

  async #holdIdle(count: number): Promise<void> {
    const argv = ['-c', LOAD_CPU, process.execPath, IDLE_CLIENT, String(this.spec.port), String(count)]
    const child = spawn('taskset', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#holders.push(child)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`idle-client.ts ended with ${code}`)))
    await promise
  }

  /** User and system time of all its processes so far, seconds. */
  cpuSeconds(): number {
    let ticks = 0
    for (const pid of this.#processes()) ticks += ticksOf(pid)
    return ticks / TICKS_PER_SECOND
  }

  /** Resident memory of the largest of its processes (the worker), bytes. */
  residentBytes(): number {
    const pages = this.#processes().map((pid) => Number(readOrEmpty(`/proc/${pid}/statm`).split(' ')[1] ?? 0))
    return Math.max(0, ...pages) * 4096
  }

  #processes(): number[] {
    const parents = new Map<number, number>()
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      const fields = statFields(Number(name))
      if (fields) parents.set(Number(name), Number(fields[1]))
    }
    const roots = new Set(this.#children.map((child) => child.pid ?? -1))
    const isOurs = (pid: number): boolean => {
      for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
        if (roots.has(at)) return true
      return false
    }
    return [...parents.keys()].filter(isOurs)
  }

  async stop(): Promise<void> {
    for (const holder of this.#holders) holder.kill('SIGKILL')
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null) continue
      const gone = new Promise((resolve) => child.on('exit', resolve))
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(late)
    }
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Fields of /proc/PID/stat after the name: state, ppid, ... */
function statFields(pid: number): string[] | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`)
  const end = text.lastIndexOf(')')
  return end < 0 ? undefined : text.slice(end + 2).split(' ')
}

function ticksOf(pid: number): number {
  const fields = statFields(pid)
  return fields ? Number(fields[11]) + Number(fields[12]) : 0
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.on('connect', () => {
    socket.destroy()
    resolve(true)
  })
  socket.on('error', () => resolve(false))
  return promise
}
