/**
 * The change of the running program (USR2): a second master is started on the same sockets, and whichever is told to
 * QUIT first leaves the other. The pid file of the first is renamed to `.oldbin` meanwhile, and back when the second
 * ends.
 */
import { FIRST_HANDOVER_FD, writeHandover } from './handover.ts'
import type { Handover } from './handover.ts'
import type { Host } from './host.ts'
import type { ListenerSet } from './listener-set.ts'
import type { Log } from './log.ts'

/** How this very program was started. */
export interface Invocation {
  readonly executable: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export class Successor {
  readonly #host: Host
  readonly #log: Log
  readonly #invocation: Invocation | undefined
  /** The master before this one, where there was one. */
  readonly #handover: Handover | undefined
  #pid: number | undefined

  constructor(host: Host, log: Log, invocation: Invocation | undefined, handover: Handover | undefined) {
    this.#host = host
    this.#log = log
    this.#invocation = invocation
    this.#handover = handover
  }

  /** Whether the program was changed and both masters live. */
  get running(): boolean {
    return this.#pid !== undefined
  }

  /** Whether another master lives on our sockets: their paths are not ours alone. */
  get shares(): boolean {
    return this.running || this.#followsPredecessor
  }

  get #followsPredecessor(): boolean {
    return this.#handover !== undefined && this.#host.parentPid() === this.#handover.predecessor
  }

  /** Only two masters share sockets: before a third, one of them has to end. */
  get possible(): boolean {
    return this.#invocation !== undefined && !this.shares
  }

  /** Where it is possible. `onExit` is called when the successor is gone, or could not be started. */
  start(listeners: ListenerSet, onExit: () => void): void {
    if (!this.#invocation) return
    const held = listeners.held()
    const fds = this.#descriptorsOf(held)
    if (!fds) return onExit()
    const sockets = held.map(({ identity, socket }, position) => {
      return { identity, fd: FIRST_HANDOVER_FD + position, address: socket.address }
    })
    const text = writeHandover({ predecessor: this.#host.pid, sockets })
    this.#pid = this.#host.execute(this.#invocation, text, fds, (reason) => {
      if (this.#pid !== undefined) this.#log.log('notice', `new binary process ${this.#pid} ${reason}`)
      else this.#log.log('alert', `the new binary ${reason}`)
      this.#pid = undefined
      onExit()
    })
    if (this.#pid !== undefined) this.#log.log('notice', `start new binary process ${this.#pid}`)
  }

  /** Undefined where a socket that was withdrawn cannot be bound again. */
  #descriptorsOf(held: ReturnType<ListenerSet['held']>): number[] | undefined {
    try {
      return held.map(({ socket }) => socket.fd)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.log('alert', `the new binary could not be started: ${reason}`)
      return undefined
    }
  }
}
