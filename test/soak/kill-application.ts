/** Each process of the application is killed in turn under load: what may be repeated is, and only its orders fail. */
import type { Kill } from './order-book.ts'
import { OrderLoad } from './order-load.ts'
import { reportOrders } from './order-report.ts'
import { OrderServer } from './order-server.ts'
import { reached, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

const WORKERS = 3

async function run(options: ScenarioOptions): Promise<ScenarioReport> {
  const server = await OrderServer.withApplication(WORKERS, options.protocol)
  try {
    const load = new OrderLoad({ port: server.port, kept: 12, fresh: 4 })
    const kills: Kill[] = []
    const late = performance.now() + options.limitMs
    for (let event = 1; event <= options.events && performance.now() < late; event += 1) {
      const due = (options.requests * event) / (options.events + 1)
      await reached(() => load.total >= due, late - performance.now())
      kills.push(await server.kill(`app:orders#${event % WORKERS}`))
      options.say(`killed ${event}: ${load.total} requests, ${load.failures.length} failed`)
    }
    await reached(() => load.total >= options.requests, late - performance.now())
    await load.stop()
    return reportOrders(server, load, kills, [], { kills: kills.length })
  } finally {
    await server.stop()
  }
}

export const KILL_APPLICATION: Scenario = {
  name: 'kill-app',
  promise:
    'kill -9 of each application process in turn: no idempotent request fails, of the orders those it held',
  requests: 200_000,
  events: 30,
  minutes: 30,
  run,
}
