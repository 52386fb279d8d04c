/**
 * The requests of one worker: those that run, those that wait for their turn, and what became of the others. Apache's
 * word for the same.
 *
 * Rules of this file:
 * - No more than `concurrency` run at a time; up to `queue` wait, first come first served; the rest is refused.
 * - A request that has run longer than `harakiri` is told to end, alone: the loop turns, so the others are well.
 */
import { randomInt } from 'node:crypto'
import { LatencyHistogram } from './latency-histogram.ts'

/** A request as the scoreboard handles it. */
export interface ScoredRequest {
  /** Monotonic milliseconds; 0 before it runs. */
  startedMs: number
  /** Its place among those that run, which the scoreboard keeps; begins as -1. */
  slot: number
  /** Its turn has come. */
  run(): void
  /** Its time is over. */
  expire(ageMs: number): void
}

export interface ScoreboardLimits {
  /** Requests at a time; 0 for no limit. */
  readonly concurrency: number
  /** Requests that wait beyond them. */
  readonly queue: number
  /** Milliseconds that a request may run; 0 for no limit. */
  readonly harakiriMs: number
  /** Requests after which `onSpent` is called; 0 for no limit. */
  readonly maxRequests: number
  /** Up to so many more, each worker another number: they shall not all go at once. */
  readonly maxRequestsJitter: number
}

export const NO_LIMITS: ScoreboardLimits = {
  concurrency: 0,
  queue: 0,
  harakiriMs: 0,
  maxRequests: 0,
  maxRequestsJitter: 0,
}

const MAX_SWEEP_MS = 1000
const MIN_SWEEP_MS = 10

export class Scoreboard<R extends ScoredRequest = ScoredRequest> {
  /**
   * In no order: who leaves gives its place to the last. Not a Set: what requests enter and leave makes a new table of
   * itself all the time.
   */
  readonly #running: R[] = []
  /** Of requests that ended. */
  readonly latency = new LatencyHistogram()
  readonly #waiting = new Map<R, number>()
  readonly #limits: ScoreboardLimits
  readonly #nowMs: () => number
  readonly #spentAt: number
  #answered = 0
  #refused = 0
  #expired = 0
  /** Of those that began since the last look: how many, and how long they waited in all. */
  #begun = 0
  #waitedMs = 0
  #queuedMs = 0
  /** Time of requests that ended since the last look at how busy they keep us, as far as it lies behind that. */
  #workedMs = 0
  #busySinceMs: number
  /** Called once, when `maxRequests` are answered. */
  onSpent: (requests: number) => void = noop

  constructor(limits: ScoreboardLimits = NO_LIMITS, nowMs: () => number = () => performance.now()) {
    this.#limits = limits
    this.#nowMs = nowMs
    this.#busySinceMs = nowMs()
    const { maxRequests, maxRequestsJitter } = limits
    this.#spentAt = maxRequests === 0 ? Infinity : maxRequests + randomInt(maxRequestsJitter + 1)
  }

  /** Those that run now, the oldest first. */
  get running(): readonly R[] {
    return this.#running.toSorted((one, other) => one.startedMs - other.startedMs)
  }

  get harakiriMs(): number {
    return this.#limits.harakiriMs
  }

  /** Since the beginning: of all requests that ended, and of all that had to wait. */
  get spentMs(): { ran: number; waited: number } {
    return { ran: this.latency.sumMs, waited: this.#queuedMs }
  }

  get counts(): { running: number; waiting: number; answered: number; refused: number; expired: number } {
    return {
      running: this.#running.length,
      waiting: this.#waiting.size,
      answered: this.#answered,
      refused: this.#refused,
      expired: this.#expired,
    }
  }

  /** The part of `concurrency` that was in use since the last call, 0 to 1; 0 where there is no limit. */
  takeBusy(): number {
    const { concurrency } = this.#limits
    const sinceMs = this.#busySinceMs
    const nowMs = (this.#busySinceMs = this.#nowMs())
    let workedMs = this.#workedMs
    this.#workedMs = 0
    for (const request of this.#running) workedMs += nowMs - Math.max(request.startedMs, sinceMs)
    return concurrency === 0 || nowMs <= sinceMs ? 0 : workedMs / (nowMs - sinceMs) / concurrency
  }

  /** Runs it now or later; false where it can do neither. */
  enter(request: R): boolean {
    const { concurrency, queue } = this.#limits
    if (concurrency === 0 || this.#running.length < concurrency) {
      this.#begin(request, 0)
      return true
    }
    if (this.#waiting.size >= queue) {
      this.#refused += 1
      return false
    }
    this.#waiting.set(request, this.#nowMs())
    return true
  }

  /** It is through, or nobody waits for it any more. Once. */
  leave(request: R): void {
    if (request.slot < 0) {
      this.#waiting.delete(request)
      return
    }
    this.#remove(request)
    const nowMs = this.#nowMs()
    this.latency.add(nowMs - request.startedMs)
    this.#workedMs += nowMs - Math.max(request.startedMs, this.#busySinceMs)
    this.#answered += 1
    if (this.#answered === this.#spentAt) this.onSpent(this.#answered)
    if (this.#waiting.size === 0) return
    for (const [next, sinceMs] of this.#waiting) {
      this.#waiting.delete(next)
      this.#begin(next, this.#nowMs() - sinceMs)
      return
    }
  }

  #remove(request: R): void {
    const last = this.#running.pop()
    if (last !== undefined && last !== request) {
      this.#running[request.slot] = last
      last.slot = request.slot
    }
    request.slot = -1
  }

  /** Average wait of the requests that began since the last call, in milliseconds; who waits still counts, too. */
  takeQueueDelayMs(): number {
    const oldest = this.#waiting.values().next()
    const waitsMs = oldest.done === true ? 0 : this.#nowMs() - oldest.value
    const averageMs = this.#begun === 0 ? 0 : this.#waitedMs / this.#begun
    this.#begun = 0
    this.#waitedMs = 0
    return Math.max(averageMs, waitsMs)
  }

  /** Looks after late requests from here on; answers what ends it. */
  watch(): () => void {
    const { harakiriMs } = this.#limits
    if (harakiriMs === 0) return noop
    const intervalMs = Math.min(Math.max(harakiriMs / 10, MIN_SWEEP_MS), MAX_SWEEP_MS)
    const timer = setInterval(() => this.sweep(), intervalMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  sweep(): void {
    const nowMs = this.#nowMs()
    for (const request of this.running) {
      if (request.slot < 0) continue // the end of another was its end, too
      const ageMs = nowMs - request.startedMs
      // The rest is younger.
      if (ageMs < this.#limits.harakiriMs) return
      this.#expired += 1
      request.expire(ageMs)
      this.leave(request)
    }
  }

  #begin(request: R, waitedMs: number): void {
    this.#begun += 1
    this.#waitedMs += waitedMs
    this.#queuedMs += waitedMs
    request.startedMs = this.#nowMs()
    request.slot = this.#running.push(request) - 1
    request.run()
  }
}

function noop(): void {}
