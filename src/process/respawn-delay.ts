/**
 * How long to wait before a dead worker is replaced. The first two deaths in a row cost nothing: a worker that was
 * killed is back at once. From the third on the delay doubles, so that a crash loop does not eat the machine.
 */
const FREE_RESPAWNS = 2
const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 30_000
/** Who lived that long was well: the count begins anew. */
const STABLE_AFTER_MS = 10_000

export class RespawnDelay {
  #deaths = 0

  /** `livedMs`: since the worker was ready, 0 for one that never was. */
  next(livedMs: number): number {
    if (livedMs >= STABLE_AFTER_MS) this.#deaths = 0
    const waits = this.#deaths - FREE_RESPAWNS
    this.#deaths += 1
    return waits < 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** waits, MAX_DELAY_MS)
  }

  /** One that was waited for is well. */
  reset(): void {
    this.#deaths = 0
  }
}
