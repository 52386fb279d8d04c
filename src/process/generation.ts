/**
 * What a master keeps alive: sockets and groups of workers. A generation is what one reading of the configuration
 * gave; a reload replaces it whole.
 */
import type { Owner } from '../io/owned-path.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { LogLevel } from './log.ts'
import type { ProcessLimits } from './process-limits.ts'

export interface ListenerSpec {
  /** Name by which groups ask for it. A socket outlives a reload when its address stays, whatever its key. */
  readonly key: string
  readonly address: SocketAddress
  readonly backlog?: number | undefined
  /** Permission bits of a unix socket. */
  readonly mode?: number | undefined
  /** Makes missing parent folders of a unix socket, for the owner only. */
  readonly makeDirectory?: boolean | undefined
  /** Whose a unix socket and its new folder become. */
  readonly owner?: Owner | undefined
  /** One place alone accepts on it: it is closed while that stays empty for long. Unix sockets only. */
  readonly ofPlace?: boolean | undefined
}

/** A module of ours that calls `runWorker`. */
export interface ModuleProgram {
  readonly kind: 'module'
  /** Absolute path; run by this process's executable with its execArgv. Undefined: the executable is the program. */
  readonly modulePath?: string
  /** Of the runtime, before execArgv. An executable has its own in it. */
  readonly options?: readonly string[]
  readonly args?: readonly string[]
}

/** Any program: it is ready when its address accepts a connection. */
export interface CommandProgram {
  readonly kind: 'command'
  /** Non-empty; not read by a shell. */
  readonly argv: readonly [string, ...string[]]
  readonly cwd?: string | undefined
  /** Whom the program runs as, without further groups. */
  readonly user?: Owner | undefined
  readonly umask?: number | undefined
  readonly address: SocketAddress
  /** Nobody else listens there: a path that was left is removed, since few programs listen where there is one. */
  readonly ownsAddress?: boolean | undefined
  /** Asks for the graceful end. SIGTERM by default: gunicorn, PHP-FPM and most take it so. */
  readonly drainSignal?: NodeJS.Signals | undefined
  /** Sent on USR1. None by default: a program without a handler would die of it. */
  readonly reopenSignal?: NodeJS.Signals | undefined
}

export type WorkerProgram = ModuleProgram | CommandProgram

export interface WorkerGroup {
  /** As it stands in logs: `front`, `app:demo`. */
  readonly name: string
  readonly count: number
  readonly program: WorkerProgram
  /** Keys of the listeners that worker `index` inherits. The same socket may go to many workers, or to one alone. */
  readonly listeners: (index: number) => readonly string[]
  /** How many of the places are filled, where it is not all of them at all times. Modules only. */
  readonly elastic?: Elasticity | undefined
  /**
   * A reload replaces the workers of the group one after the other, if this text is still the same: those of before and
   * after it then serve the same clients. Without it all new ones start before all old ones end.
   */
  readonly rollsWith?: string | undefined
  /** JSON, handed to the worker's `start` unread. */
  readonly boot: unknown
  /** The whole environment, the master's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Of worker `index`. Modules only. */
  readonly limits?: ((index: number) => ProcessLimits) | undefined
  /** Whom the workers become and where. Modules only. */
  readonly standing?: Standing | undefined
  /** A draining worker is ended after it; Infinity waits. */
  readonly shutdownTimeoutMs?: number | undefined
  /** A worker that is not ready after it has failed to boot. */
  readonly bootTimeoutMs?: number | undefined
  /** A worker whose event loop is silent for it is killed; Infinity never does. Modules only. */
  readonly heartbeatTimeoutMs?: number | undefined
  /** Where the worker's stdout and stderr go: the master's own, or its log line by line at these levels. */
  readonly output?: 'inherit' | WorkerOutput | undefined
}

/** From `min` places to the group's `count`, by what the workers say of themselves. */
export interface Elasticity {
  readonly min: number
  /** One more starts when requests wait longer than this for some seconds. */
  readonly delayMs: number
  /** One ends when one fewer would have done for so long. */
  readonly idleMs: number
  readonly loadOf: (figures: unknown) => WorkerLoad | undefined
  /** How place `index` is reached: each way leads to its own socket, or to that of one who stands in for it. */
  readonly ways: (index: number) => readonly Way[]
}

export interface WorkerLoad {
  /** How long requests wait for their turn. */
  readonly delayMs: number
  /** The part of its capacity that a worker uses, 0 to 1. */
  readonly busy: number
}

/** Paths in one folder. */
export interface Way {
  /** A symbolic link, ours to make. */
  readonly link: string
  readonly socket: string
}

/** What a worker makes of itself. JSON. */
export interface Standing {
  readonly user?: (Owner & { readonly groups: readonly number[] }) | undefined
  /** Whether it becomes the user before the programme starts: where that is not ours. */
  readonly early: boolean
  /** Nice value. */
  readonly priority?: number | undefined
  readonly workingDirectory?: string | undefined
}

export interface WorkerOutput {
  readonly stdout: LogLevel
  readonly stderr: LogLevel
}

export interface Generation {
  readonly listeners: readonly ListenerSpec[]
  /** In the order of starting: a group starts when the one before it is ready; draining goes the other way. */
  readonly groups: readonly WorkerGroup[]
  /** Groups that go on over reloads as they were started: the first generation that names one starts it. */
  readonly lasting?: readonly WorkerGroup[] | undefined
  readonly pidFile?: string | undefined
  /** Called when every worker is ready and the generation is the one in effect. */
  readonly onActive?: (() => void) | undefined
}

export const DEFAULT_SHUTDOWN_TIMEOUT_MS = 30_000
export const DEFAULT_BOOT_TIMEOUT_MS = 60_000
export const DEFAULT_HEARTBEAT_TIMEOUT_MS = 30_000
export const DEFAULT_OUTPUT: WorkerOutput = { stdout: 'notice', stderr: 'error' }
