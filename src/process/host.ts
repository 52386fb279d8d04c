/** The world as the master sees it: everything that a test replaces. */
import type { SocketAddress } from '../io/socket-address.ts'
import type { ListenerSpec, WorkerProgram } from './generation.ts'
import type { MasterMessage } from './messages.ts'
import type { ProcessLimits } from './process-limits.ts'
import type { Invocation } from './successor.ts'

export type Cancel = () => void

export interface HostSocket {
  readonly fd: number
  /** With the port that the system chose. */
  readonly address: SocketAddress
  /** Removes the path of a unix socket too, unless it is kept for another process that serves it. */
  close(keepsPath: boolean): void
}

export interface SpawnRequest {
  readonly program: WorkerProgram
  /** The whole environment; undefined for the master's own. */
  readonly env: Readonly<Record<string, string | undefined>> | undefined
  /** Descriptors that the child gets from FIRST_LISTENER_FD upwards. */
  readonly fds: readonly number[]
  readonly inheritOutput: boolean
  readonly limits?: ProcessLimits | undefined
}

/** How a process ended. `error` where it could not be started. */
export interface ExitStatus {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly error?: Error
}

export interface SpawnEvents {
  onMessage(message: unknown): void
  onLine(stream: 'stdout' | 'stderr', line: string): void
  /** Exactly once, after the last line and message. */
  onExit(status: ExitStatus): void
}

export interface WorkerHandle {
  /** Undefined when the process could not be started. */
  readonly pid: number | undefined
  /** Nothing happens where the process is gone. */
  send(message: MasterMessage): void
  signal(name: NodeJS.Signals): void
}

export interface Host {
  readonly pid: number
  /** Monotonic milliseconds. */
  nowMs(): number
  after(delayMs: number, callback: () => void): Cancel
  /** Signals alone do not keep the runtime from ending: a master without workers waits for one. */
  stayAlive(): Cancel
  onSignal(name: NodeJS.Signals, callback: () => void): Cancel
  bind(spec: ListenerSpec): Promise<HostSocket>
  /** A unix socket whose path was this process's a moment ago: nobody is asked whether it is in use. @throws as `bind` */
  rebind(spec: ListenerSpec): HostSocket
  /** A socket that the master before this one bound. */
  adopt(fd: number, address: SocketAddress): HostSocket
  spawn(request: SpawnRequest, events: SpawnEvents): WorkerHandle
  /** Undefined when somebody accepts there. */
  probe(address: SocketAddress): Promise<string | undefined>
  /** Makes `link` lead to `target`, whatever it led to before, so that it is never missing. */
  link(link: string, target: string): void
  removeLink(link: string): void
  writePidFile(path: string): void
  removePidFile(path: string): void
  renamePidFile(from: string, to: string): void
  /** Changes when the parent ends. */
  parentPid(): number
  /**
   * Starts another master with these descriptors. Answers its process id, undefined where it could not be started;
   * `onExit` hears of both ends.
   */
  execute(
    invocation: Invocation,
    handover: string,
    fds: readonly number[],
    onExit: (reason: string) => void,
  ): number | undefined
}

/** 0 to 2 are the standard streams, 3 is the IPC channel. */
export const FIRST_LISTENER_FD = 4
