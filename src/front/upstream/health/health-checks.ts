/**
 * All health checks of a conf. They run in one front worker, the one that has the lease: workers are there anyway and
 * have the conf, the protocols and the logs, which the keeper of zones has not; one that dies is followed by another.
 */
import type { Lease } from './lease.ts'
import { HealthChecker, type CheckPlan } from './health-checker.ts'

/** How often the lease is asked for: a third of its life. */
const LEASE_EVERY_MS = 1000
/** Workers first have to reach the keeper: one that cannot would take itself for the only one. */
const FIRST_MS = 100

export class HealthChecks {
  readonly #checkers: readonly HealthChecker[]
  readonly #lease: Lease | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** Without plans nobody has to have a lease. */
  constructor(plans: readonly CheckPlan[], lease: Lease | undefined) {
    this.#checkers = plans.map((plan) => new HealthChecker(plan))
    this.#lease = lease
  }

  start(): void {
    if (this.#lease) this.#again(this.#lease, FIRST_MS)
  }

  #again(lease: Lease, delayMs: number): void {
    this.#timer = setTimeout(() => {
      void lease.take().then((mine) => {
        if (this.#stopped) {
          lease.release()
          return
        }
        for (const checker of this.#checkers)
          if (mine) checker.start()
          else checker.stop()
        this.#again(lease, LEASE_EVERY_MS)
      })
    }, delayMs).unref()
  }

  /** For good: this worker is to end. Another one goes on. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const checker of this.#checkers) checker.stop()
    this.#lease?.release()
  }
}
