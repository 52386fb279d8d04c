/**
 * The requests of one worker: those that run, those that wait for their turn, and what became of the others. Apache's
 * word for the same.
 *
 * Rules of this file:
 * - No more than `concurrency` run at a time; up to `queue` wait, first come first served; the rest is refused.
 * - Code of the application that has kept the event loop for a while waits, too: what has come meanwhile is read
 *   before more of it runs, or nobody would know how long requests wait, and all of one read would be answered at once.
 * - A queue that stands is served from its other end: see standing-queue.ts.
 * - A request that has run longer than `harakiri` is told to end, alone: the loop turns, so the others are well.
 */
import { randomInt } from 'node:crypto'
import { LatencyHistogram } from './latency-histogram.ts'
import { StandingQueue } from './standing-queue.ts'
import { WaitingLine } from './waiting-line.ts'

/** A request as the scoreboard handles it. */
export interface ScoredRequest {
  /** Monotonic milliseconds; 0 before it runs. */
  startedMs: number
  /** Its place among those that run, which the scoreboard keeps; begins as -1. */
  slot: number
  /** It does not wait behind those that are not: it asks whether the worker is well. */
  readonly urgent: boolean
  /** Its turn has come. */
  run(): void
  /** It has waited too long, and never runs. */
  refuse(): void
  /** Its time is over. */
  expire(ageMs: number): void
}

export interface ScoreboardLimits {
  /** Requests at a time; 0 for no limit. */
  readonly concurrency: number
  /** Requests that wait beyond them. */
  readonly queue: number
  /** Milliseconds that they wait before they are refused, while the queue stands; 0 for no limit. */
  readonly queueDelayMs: number
  /** Milliseconds that a request may run; 0 for no limit. */
  readonly harakiriMs: number
  /** Requests after which `onSpent` is called; 0 for no limit. */
  readonly maxRequests: number
  /** Up to so many more, each worker another number: they shall not all go at once. */
  readonly maxRequestsJitter: number
}

export const NO_LIMITS: ScoreboardLimits = {
  concurrency: 0,
  queue: Infinity,
  queueDelayMs: 0,
  harakiriMs: 0,
  maxRequests: 0,
  maxRequestsJitter: 0,
}

const MAX_SWEEP_MS = 1000
const MIN_SWEEP_MS = 10
/** Code of the application that runs before the loop turns. */
const TURN_MS = 5
/** For each that runs, so many are refused: a thousand at once would keep the loop as well. */
const MAX_REFUSED_AT_ONCE = 16

export class Scoreboard<R extends ScoredRequest = ScoredRequest> {
  /**
   * In no order: who leaves gives its place to the last. Not a Set: what requests enter and leave makes a new table of
   * itself all the time.
   */
  readonly #running: R[] = []
  /** Of requests that ended. */
  readonly latency = new LatencyHistogram()
  readonly #waiting = new WaitingLine<R>()
  /** Those that are urgent, which wait for places alone. */
  readonly #urgent = new WaitingLine<R>()
  readonly #standing: StandingQueue
  readonly #limits: ScoreboardLimits
  readonly #nowMs: () => number
  readonly #afterTurn: (run: () => void) => void
  /** How long code of the application has run in this turn of the loop; of several turns, where each was short. */
  #turnMs = 0
  /** One is being begun: it may end at once. */
  #beginning = false
  #scheduled = false
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

  /** `afterTurn` runs something when the loop has read what has come. */
  constructor(
    limits: ScoreboardLimits = NO_LIMITS,
    nowMs: () => number = () => performance.now(),
    afterTurn: (run: () => void) => void = setImmediate,
  ) {
    this.#limits = limits
    this.#nowMs = nowMs
    this.#afterTurn = afterTurn
    this.#standing = new StandingQueue(limits.queueDelayMs)
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
      waiting: this.#waiting.size + this.#urgent.size,
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
    const { queue } = this.#limits
    const nowMs = this.#nowMs()
    // Without a queue there is nothing to wait in, whoever keeps the loop.
    const runs = request.urgent || queue === 0 || (this.#waiting.size === 0 && this.#turnMs < TURN_MS)
    if (runs && this.#hasPlace) {
      this.#begin(request, nowMs)
      if (this.#turnMs >= TURN_MS) this.#schedule()
      return true
    }
    const line = request.urgent ? this.#urgent : this.#waiting
    if (line.size >= queue) {
      this.#refused += 1
      return false
    }
    if (this.#waiting.size === 0) this.#standing.begins(nowMs)
    line.add(request, nowMs)
    return true
  }

  /** It is through, or nobody waits for it any more. Once. */
  leave(request: R): void {
    if (request.slot < 0) {
      this.#unqueue(request)
      return
    }
    this.#remove(request)
    const nowMs = this.#nowMs()
    this.latency.add(nowMs - request.startedMs)
    this.#workedMs += nowMs - Math.max(request.startedMs, this.#busySinceMs)
    this.#answered += 1
    if (this.#answered === this.#spentAt) this.onSpent(this.#answered)
    // Who is being begun is followed by those who have begun it.
    if (!this.#beginning && (this.#urgent.size > 0 || this.#waiting.size > 0)) this.#beginWaiting()
  }

  get #hasPlace(): boolean {
    const { concurrency } = this.#limits
    return concurrency === 0 || this.#running.length < concurrency
  }

  #unqueue(request: R): void {
    if (request.urgent) this.#urgent.delete(request)
    else if (this.#waiting.delete(request) && this.#waiting.size === 0) this.#standing.ends()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#afterTurn(this.#onTurn)
  }

  readonly #onTurn = (): void => {
    this.#scheduled = false
    this.#turnMs = 0
    this.#beginWaiting()
  }

  /** As many as there are places for, until the turn is over. */
  #beginWaiting(): void {
    while (this.#hasPlace && this.#urgent.oldest) {
      const { request, sinceMs } = this.#urgent.oldest
      this.#urgent.delete(request)
      this.#beginAfter(request, sinceMs, this.#nowMs())
    }
    while (this.#hasPlace && this.#turnMs < TURN_MS) {
      const { oldest, newest } = this.#waiting
      if (oldest === undefined || newest === undefined) return
      const nowMs = this.#nowMs()
      const stands = this.#standing.turns(nowMs, this.#waiting.size, oldest.sinceMs)
      const { request, sinceMs } = stands ? newest : oldest
      this.#unqueue(request)
      if (stands) this.#refuseLate(nowMs)
      this.#beginAfter(request, sinceMs, nowMs)
    }
    if (this.#turnMs >= TURN_MS) this.#schedule()
  }

  #beginAfter(request: R, sinceMs: number, nowMs: number): void {
    this.#begun += 1
    this.#waitedMs += nowMs - sinceMs
    this.#queuedMs += nowMs - sinceMs
    this.#begin(request, nowMs)
  }

  #refuseLate(nowMs: number): void {
    const latestMs = nowMs - this.#standing.patienceMs
    for (let count = 0; count < MAX_REFUSED_AT_ONCE; count += 1) {
      const late = this.#waiting.oldest
      if (!late || late.sinceMs >= latestMs) return
      this.#unqueue(late.request)
      this.#refused += 1
      late.request.refuse()
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
    const { oldest } = this.#waiting
    const waitsMs = oldest === undefined ? 0 : this.#nowMs() - oldest.sinceMs
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

  #begin(request: R, nowMs: number): void {
    request.startedMs = nowMs
    request.slot = this.#running.push(request) - 1
    this.#beginning = true
    try {
      request.run()
    } finally {
      this.#beginning = false
    }
    this.#turnMs += this.#nowMs() - nowMs
  }
}

function noop(): void {}
