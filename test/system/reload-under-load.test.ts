/** A short form of `npm run soak`: reloads under mixed load fail no request and leave nothing behind. */
import { expect, test } from 'vitest'
import { reloadUnderLoad } from '../soak/reload-under-load.ts'
import { startSoakServer } from '../soak/soak-server.ts'

const RELOADS = 10

test('10 reloads fail no request; the master holds no more than before', { timeout: 240_000 }, async () => {
  const soak = await startSoakServer()
  try {
    const result = await reloadUnderLoad(soak, {
      reloads: RELOADS,
      requests: 2000,
      load: { fresh: 3, kept: 4, uploads: 3, downloads: 2, tls: 2 },
      limitMs: 180_000,
    })
    const { count, reloads, samples } = result
    expect(count.failures).toEqual([])
    expect(reloads).toBe(RELOADS)
    expect(result.total).toBeGreaterThanOrEqual(2000)
    expect(Math.min(count.answered.uploads, count.answered.downloads)).toBeGreaterThan(0)
    // beside those of workers that still drain, none is added
    const [first, last] = [samples[1]?.descriptors ?? 0, samples.at(-1)?.descriptors ?? 0]
    expect(last).toBeLessThanOrEqual(first + 20)
    expect(soak.server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  } finally {
    await soak.close()
  }
})
