import type {
  Cancel,
  Host,
  HostSocket,
  SpawnEvents,
  SpawnRequest,
  WorkerHandle,
} from '../../src/process/host.ts'
import type { Invocation } from '../../src/process/successor.ts'
import type { ListenerSpec } from '../../src/process/generation.ts'
import type { Log, LogLevel } from '../../src/process/log.ts'
import type { MasterMessage } from '../../src/process/messages.ts'
import { formatSocketAddress } from '../../src/io/socket-address.ts'
import type { SocketAddress } from '../../src/io/socket-address.ts'

/** A process that does what the test says. */
export class FakeWorker implements WorkerHandle {
  readonly pid: number
  readonly request: SpawnRequest
  readonly sent: MasterMessage[] = []
  readonly signals: NodeJS.Signals[] = []
  alive = true
  readonly #events: SpawnEvents

  constructor(pid: number, request: SpawnRequest, events: SpawnEvents) {
    this.pid = pid
    this.request = request
    this.#events = events
  }

  get modulePath(): string | undefined {
    return this.request.program.kind === 'module'
      ? this.request.program.modulePath
      : this.request.program.argv[0]
  }

  get started(): boolean {
    return this.sent.some((message) => message.type === 'start')
  }

  get asked(): boolean {
    return this.sent.some((message) => message.type === 'quit')
  }

  send(message: MasterMessage): void {
    this.sent.push(message)
  }

  signal(name: NodeJS.Signals): void {
    this.signals.push(name)
    if (name === 'SIGKILL') this.exit(null, 'SIGKILL')
  }

  say(message: unknown): void {
    this.#events.onMessage(message)
  }

  print(stream: 'stdout' | 'stderr', line: string): void {
    this.#events.onLine(stream, line)
  }

  ready(): void {
    this.say({ type: 'ready' })
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    if (!this.alive) return
    this.alive = false
    this.#events.onExit({ code, signal })
  }
}

export interface FakeSuccessor {
  readonly pid: number
  readonly handover: string
  readonly fds: readonly number[]
  readonly exit: (reason: string) => void
}

/** Virtual time, processes and sockets; `log` keeps what was said. */
export class FakeHost implements Host, Log {
  readonly pid = 1000
  readonly workers: FakeWorker[] = []
  readonly lines: string[] = []
  readonly open = new Map<number, string>()
  readonly pidFiles: string[] = []
  /** Addresses that cannot be bound. */
  readonly busy = new Set<string>()
  /** Addresses that accept, for commands. */
  readonly answering = new Set<string>()
  readonly links = new Map<string, string>()
  readonly keptPaths: string[] = []
  /** Masters that USR2 started. */
  readonly successors: FakeSuccessor[] = []
  parent = 1
  binds = 0
  #nowMs = 0
  #timers: { atMs: number; callback: () => void }[] = []
  readonly #signals = new Map<NodeJS.Signals, () => void>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.push(timer)
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer))
  }

  stayAlive(): Cancel {
    return () => undefined
  }

  onSignal(name: NodeJS.Signals, callback: () => void): Cancel {
    this.#signals.set(name, callback)
    return () => void this.#signals.delete(name)
  }

  bind(spec: ListenerSpec): Promise<HostSocket> {
    const text = formatSocketAddress(spec.address)
    if (this.busy.has(text))
      return Promise.reject(new Error(`bind() to ${text} failed (98: Address already in use)`))
    this.binds += 1
    const fd = 20 + this.binds
    this.open.set(fd, text)
    return Promise.resolve({
      fd,
      address: spec.address,
      close: (keepsPath) => this.closeSocket(fd, keepsPath),
    })
  }

  rebind(spec: ListenerSpec): HostSocket {
    const text = formatSocketAddress(spec.address)
    if (this.busy.has(text)) throw new Error(`bind() to ${text} failed (98: Address already in use)`)
    this.binds += 1
    const fd = 20 + this.binds
    this.open.set(fd, text)
    return { fd, address: spec.address, close: (keepsPath) => this.closeSocket(fd, keepsPath) }
  }

  spawn(request: SpawnRequest, events: SpawnEvents): WorkerHandle {
    const worker = new FakeWorker(2000 + this.workers.length, request, events)
    this.workers.push(worker)
    return worker
  }

  probe(address: SocketAddress): Promise<string | undefined> {
    return Promise.resolve(this.answering.has(formatSocketAddress(address)) ? undefined : 'ECONNREFUSED')
  }

  adopt(fd: number, address: SocketAddress): HostSocket {
    this.open.set(fd, formatSocketAddress(address))
    return { fd, address, close: (keepsPath) => this.closeSocket(fd, keepsPath) }
  }

  closeSocket(fd: number, keepsPath: boolean): void {
    if (keepsPath) this.keptPaths.push(this.open.get(fd) ?? '')
    this.open.delete(fd)
  }

  link(link: string, target: string): void {
    this.links.set(link, target)
  }

  removeLink(link: string): void {
    this.links.delete(link)
  }

  parentPid(): number {
    return this.parent
  }

  execute(
    _invocation: Invocation,
    handover: string,
    fds: readonly number[],
    onExit: (reason: string) => void,
  ): number | undefined {
    const successor = { pid: 9000 + this.successors.length, handover, fds, exit: onExit }
    this.successors.push(successor)
    return successor.pid
  }

  renamePidFile(from: string, to: string): void {
    this.pidFiles[this.pidFiles.indexOf(from)] = to
  }

  writePidFile(path: string): void {
    this.pidFiles.push(path)
  }

  removePidFile(path: string): void {
    this.pidFiles.splice(this.pidFiles.indexOf(path), 1)
  }

  log(level: LogLevel, message: string): void {
    this.lines.push(`${level}: ${message}`)
  }

  said(part: string): boolean {
    return this.lines.some((line) => line.includes(part))
  }

  /** A signal to the master. */
  raise(name: NodeJS.Signals): void {
    this.#signals.get(name)?.()
  }

  get handlesSignals(): boolean {
    return this.#signals.size > 0
  }

  get alive(): FakeWorker[] {
    return this.workers.filter((worker) => worker.alive)
  }

  /** Time goes by; timers run in order, and promises between them. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settle()
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      due.callback()
      await settle()
    }
    this.#nowMs = untilMs
  }

  /** The whole process stood still: time is gone, no timer ran. */
  freeze(ms: number): void {
    this.#nowMs += ms
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
