import { expect, onTestFinished, test, vi } from 'vitest'
import { NO_LIMITS, Scoreboard } from '../../src/app/scoreboard.ts'
import { watchLimits } from '../../src/app/worker-limits.ts'

const HOUR_MS = 3_600_000

test.each([1, 24 * 24, 24 * 30, 24 * 365])('a worker may live for %d hours, and a tenth more', (hours) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const reasons: string[] = []
  const limits = { ...NO_LIMITS, maxLifetimeMs: hours * HOUR_MS, maxRssBytes: 0, heartbeatMs: 0 }
  watchLimits(limits, new Scoreboard(limits), (reason) => reasons.push(reason))
  vi.advanceTimersByTime(hours * HOUR_MS - 1)
  expect(reasons).toEqual([])
  vi.advanceTimersByTime((hours * HOUR_MS) / 10 + 1)
  expect(reasons).toEqual([expect.stringMatching(/^it is \d+\.\d s old \(max_lifetime\)$/)])
})
