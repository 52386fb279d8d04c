/**
 * 100 reloads under at least 500,000 requests, by hand: how many failed, and what the master holds before and after.
 *
 *   node test/soak/main.ts [--reloads 100] [--requests 500000] [--minutes 20]
 */
import { parseArgs } from 'node:util'
import { reloadUnderLoad, type MasterSample } from './reload-under-load.ts'
import { startSoakServer } from './soak-server.ts'

const { values } = parseArgs({
  options: {
    reloads: { type: 'string', default: '100' },
    requests: { type: 'string', default: '500000' },
    minutes: { type: 'string', default: '20' },
  },
})

function describe({ requests, descriptors, residentBytes }: MasterSample): string {
  return `${requests} requests, master: ${descriptors} descriptors, ${(residentBytes / 2 ** 20).toFixed(1)} MiB`
}

const soak = await startSoakServer()
try {
  const result = await reloadUnderLoad(soak, {
    reloads: Number(values.reloads),
    requests: Number(values.requests),
    load: { fresh: 8, kept: 24, uploads: 6, downloads: 4, tls: 4 },
    limitMs: Number(values.minutes) * 60_000,
    onReload(reload, sample) {
      if (reload % 10 === 0 || reload === 1) console.log(`reload ${reload}: ${describe(sample)}`)
    },
  })
  const { count, total, reloads, elapsedMs } = result
  const kinds = Object.entries(count.answered).map(([kind, answered]) => `${kind} ${answered}`)
  const seconds = elapsedMs / 1000
  console.log(`${total} requests (${kinds.join(', ')}) in ${seconds.toFixed(0)} s, ${reloads} reloads`)
  console.log(`failed: ${count.failures.length}`)
  for (const failure of count.failures.slice(0, 20)) console.log(`  ${failure}`)
  const alerts = soak.server.read('logs/error.log').match(/\[(?:alert|emerg|crit)\].*/g) ?? []
  console.log(`alerts: ${alerts.length} ${alerts.slice(0, 5).join(' | ')}`)
  process.exitCode = count.failures.length === 0 && reloads === Number(values.reloads) ? 0 : 1
} finally {
  await soak.close()
}
