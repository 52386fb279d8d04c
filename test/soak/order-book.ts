/**
 * What the applications wrote down of the orders, and the comparison with what the clients were told.
 *
 * An order is in flight on a process from when the front sends it there until its receipt has left. A process that is
 * killed takes these with it, and no others: an order that failed must have been one of them, none may be in the book
 * twice (somebody repeated it), and one whose receipt came must be done.
 */
import type { OrderFailure } from './order-load.ts'

/** One process that was killed. On the clock of `performance.now()`. */
export interface Kill {
  readonly pid: number
  readonly beganMs: number
  /** It was gone, and what it held could be known to be lost. */
  readonly goneMs: number
  /** Where it was reached, as the end of what `$upstream_addr` says. */
  readonly address: string
}

export interface OrderVerdict {
  /** Orders that the killed processes had begun, and that failed. */
  readonly begun: number
  /** Orders that the front sent to a killed process about the time of its death, by its access log, and it never read. */
  readonly unread: number
  /** What must not be, as sentences. */
  readonly faults: readonly string[]
}

/** From the death of a process until its front has seen the end of each connection, on a busy machine. */
const NOTICED_MS = 2000

interface Entry {
  readonly pids: number[]
  done: number
}

export class OrderBook {
  readonly #entries = new Map<number, Entry>()

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [word, id, pid] = line.split(' ')
      if (pid === undefined) continue
      const entry = this.#entryOf(Number(id))
      if (word === 'begun') entry.pids.push(Number(pid))
      else entry.done += 1
    }
  }

  get size(): number {
    return this.#entries.size
  }

  #entryOf(id: number): Entry {
    const known = this.#entries.get(id)
    if (known) return known
    const entry: Entry = { pids: [], done: 0 }
    this.#entries.set(id, entry)
    return entry
  }

  judge(
    receipts: ReadonlySet<number>,
    failures: readonly OrderFailure[],
    kills: readonly Kill[],
    addresses: ReadonlyMap<number, string>,
  ): OrderVerdict {
    const killed = new Set(kills.map(({ pid }) => pid))
    const faults: string[] = []
    const counts = { begun: 0, unread: 0 }
    for (const [id, { pids }] of this.#entries) {
      if (pids.length > 1) faults.push(`order ${id} was taken ${pids.length} times, by ${pids.join(' and ')}`)
    }
    for (const id of receipts) {
      if (this.#entries.get(id)?.done !== 1) faults.push(`order ${id} has a receipt and is not done`)
    }
    for (const failure of failures) {
      const [pid] = this.#entries.get(failure.id)?.pids ?? []
      if (failure.kind === 'status' && failure.detail !== '502') faults.push(describe(failure))
      else if (pid !== undefined && killed.has(pid)) counts.begun += 1
      else if (pid === undefined && kills.some((kill) => wasSentTo(kill, failure, addresses)))
        counts.unread += 1
      else faults.push(`${describe(failure)}, ${pid === undefined ? 'begun by nobody' : `begun by ${pid}`}`)
    }
    return { ...counts, faults }
  }
}

function wasSentTo(kill: Kill, failure: OrderFailure, addresses: ReadonlyMap<number, string>): boolean {
  const { id, sentMs, failedMs } = failure
  const isInTime = failedMs >= kill.beganMs && sentMs <= kill.goneMs + NOTICED_MS
  return isInTime && addresses.get(id)?.endsWith(kill.address) === true
}

/** Of each order that was not answered with 200, the last process that it was sent to, by lines of `log_format orders`. */
export function failedAddresses(accessLog: string): Map<number, string> {
  const found = new Map<number, string>()
  for (const [, id, addresses = ''] of accessLog.matchAll(/^(\d+) POST (?!200)\d+ (.*)$/gm)) {
    found.set(Number(id), addresses)
  }
  return found
}

export function describe({ verb, id, kind, detail, front, sentMs, failedMs }: OrderFailure): string {
  const times = `sent at ${sentMs.toFixed(0)} ms, failed after ${(failedMs - sentMs).toFixed(0)} ms`
  return `${verb} ${id}: ${kind} (${detail}), on a connection of front ${front}, ${times}`
}
