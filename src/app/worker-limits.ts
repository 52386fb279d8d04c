/** What a worker may use up before another takes its place. */
import { after } from '../io/timer.ts'
import type { Scoreboard, ScoreboardLimits, ScoredRequest } from './scoreboard.ts'

export interface WorkerLimits extends ScoreboardLimits {
  /** 0 for no limit, here and below. */
  readonly maxLifetimeMs: number
  /** Resident memory. */
  readonly maxRssBytes: number
  /** The loop may stand still so long. */
  readonly heartbeatMs: number
}

const RSS_INTERVAL_MS = 1000
const MIB = 1 << 20

/** `retire` is called with the reason, once for each limit at the most. */
export function watchLimits<R extends ScoredRequest>(
  { maxLifetimeMs, maxRssBytes }: WorkerLimits,
  scoreboard: Scoreboard<R>,
  retire: (reason: string) => void,
): void {
  scoreboard.onSpent = (requests) => retire(`it has answered ${requests} requests (max_requests)`)
  if (maxLifetimeMs > 0) {
    // Workers that began together shall not go together.
    const lifetimeMs = Math.round(maxLifetimeMs * (1 + Math.random() / 10))
    const text = `it is ${(lifetimeMs / 1000).toFixed(1)} s old (max_lifetime)`
    after(lifetimeMs, () => retire(text), 'idle')
  }
  if (maxRssBytes > 0) {
    const timer = setInterval(() => {
      const rss = process.memoryUsage.rss()
      if (rss < maxRssBytes) return
      clearInterval(timer)
      retire(
        `it has ${Math.round(rss / MIB)} MiB of resident memory (reload_on_rss ${Math.round(maxRssBytes / MIB)} MiB)`,
      )
    }, RSS_INTERVAL_MS)
    timer.unref()
  }
}
