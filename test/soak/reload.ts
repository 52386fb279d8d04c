/** Reloads under files, uploads, downloads and TLS: nothing fails; what the master holds does not grow. */
import { reloadUnderLoad, type MasterSample } from './reload-under-load.ts'
import type { Scenario, ScenarioOptions, ScenarioReport } from './scenario.ts'
import { startSoakServer } from './soak-server.ts'

function describe({ requests, descriptors, residentBytes }: MasterSample): string {
  return `${requests} requests, master: ${descriptors} descriptors, ${(residentBytes / 2 ** 20).toFixed(1)} MiB`
}

async function run({ requests, events, limitMs, say }: ScenarioOptions): Promise<ScenarioReport> {
  const soak = await startSoakServer()
  try {
    const result = await reloadUnderLoad(soak, {
      reloads: events,
      requests,
      load: { fresh: 8, kept: 24, uploads: 6, downloads: 4, tls: 4 },
      limitMs,
      onReload(reload, sample) {
        if (reload % 10 === 0 || reload === 1) say(`reload ${reload}: ${describe(sample)}`)
      },
    })
    const { count, total, reloads, samples } = result
    const alerts = soak.server.read('logs/error.log').match(/\[(?:alert|emerg|crit)\].*/g) ?? []
    const missing = reloads < events ? [`${reloads} reloads of ${events}`] : []
    return {
      requests: total,
      answered: count.answered,
      expected: {},
      faults: [...count.failures, ...alerts, ...missing],
      figures: { reloads, 'descriptors of the master': samples.at(-1)?.descriptors ?? 0 },
    }
  } finally {
    await soak.close()
  }
}

export const RELOAD: Scenario = {
  name: 'reload',
  promise: 'reloads under files, uploads, downloads and TLS: no request fails',
  requests: 500_000,
  events: 100,
  minutes: 20,
  run,
}
