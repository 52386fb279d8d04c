/** Releases of the application, one after the other, each rolled out under load: nothing fails, nothing is stale. */
import { OrderLoad } from './order-load.ts'
import { reportOrders } from './order-report.ts'
import { OrderServer } from './order-server.ts'
import { reached, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

const WORKERS = 2
const ROLLED_LIMIT_MS = 60_000

async function run(options: ScenarioOptions): Promise<ScenarioReport> {
  const server = await OrderServer.withApplication(WORKERS, options.protocol)
  try {
    const load = new OrderLoad({ port: server.port, kept: 12, fresh: 4 })
    const faults: string[] = []
    const late = performance.now() + options.limitMs
    for (let event = 1; event <= options.events && performance.now() < late; event += 1) {
      const due = (options.requests * event) / (options.events + 1)
      await reached(() => load.total >= due, late - performance.now())
      server.deploy(String(event))
      const before = new Set(server.workers('app:').values())
      const { code, output } = await server.portico.named('status', ['restart', 'orders'])
      if (code !== 0) faults.push(`status restart: ${output}`)
      const rolled = await reached(
        () => [...server.workers('app:').values()].every((pid) => !before.has(pid)),
        ROLLED_LIMIT_MS,
      )
      if (!rolled) faults.push(`release ${event} was not rolled out`)
      const served = await reached(() => load.releases.has(String(event)), ROLLED_LIMIT_MS)
      if (!served) faults.push(`nobody was served by release ${event}`)
      options.say(`release ${event}: ${load.total} requests, ${load.failures.length} failed`)
    }
    await reached(() => load.total >= options.requests, late - performance.now())
    await load.stop()
    return reportOrders(server, load, [], faults, { releases: load.releases.size })
  } finally {
    await server.stop()
  }
}

export const ROLLING_RESTART: Scenario = {
  name: 'rolling',
  promise: 'releases of the application are rolled out under load: no request fails, no order is taken twice',
  requests: 200_000,
  events: 20,
  minutes: 30,
  run,
}
