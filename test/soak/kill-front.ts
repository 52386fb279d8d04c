/** Front workers are killed under load: cut is what they held, and nobody is refused. */
import { describe, type Kill } from './order-book.ts'
import { OrderLoad, type OrderFailure } from './order-load.ts'
import { OrderServer } from './order-server.ts'
import { reached, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

const PLACES = ['front#0', 'front#1']
/** From the death of a process until this process has read the end of a connection, on a busy machine. */
const READ_MS = 3000

/** Of a connection that had not been answered on yet, it is only known when it was cut. */
function wasHeldBy({ pid, beganMs, goneMs }: Kill, { front, sentMs, failedMs }: OrderFailure): boolean {
  if (front !== 0 && front !== pid) return false
  return failedMs >= beganMs && sentMs <= goneMs && failedMs <= goneMs + READ_MS
}

async function run(options: ScenarioOptions): Promise<ScenarioReport> {
  const server = await OrderServer.withApplication(2, options.protocol)
  try {
    const load = new OrderLoad({ port: server.port, kept: 12, fresh: 6 })
    const kills: Kill[] = []
    const late = performance.now() + options.limitMs
    for (let event = 1; event <= options.events && performance.now() < late; event += 1) {
      const due = (options.requests * event) / (options.events + 1)
      await reached(() => load.total >= due, late - performance.now())
      kills.push(await server.kill(PLACES[event % PLACES.length] ?? ''))
      options.say(`killed ${event}: ${load.total} requests, ${load.failures.length} cut`)
    }
    await reached(() => load.total >= options.requests, late - performance.now())
    await load.stop()
    return report(server, load, kills)
  } finally {
    await server.stop()
  }
}

function report(server: OrderServer, load: OrderLoad, kills: readonly Kill[]): ScenarioReport {
  const isHeld = (failure: OrderFailure): boolean =>
    failure.kind === 'cut' && kills.some((kill) => wasHeldBy(kill, failure))
  const held = load.failures.filter(isHeld)
  const others = load.failures.filter((failure) => !isHeld(failure))
  const { faults } = server.book().judge(load.receipts, [], [], new Map())
  return {
    requests: load.total,
    answered: load.answered,
    expected: { 'held by a killed front worker': held.length },
    faults: [...others.map(describe), ...faults, ...server.alerts().map(({ line }) => line)],
    figures: {
      kills: kills.length,
      'refused connections': load.failures.filter(({ kind }) => kind === 'refused').length,
      'cut per kill, at most': Math.max(0, ...kills.map((kill) => countHeld(held, kill))),
      'slowest answer, ms': Math.round(load.slowestMs),
    },
  }
}

function countHeld(held: readonly OrderFailure[], kill: Kill): number {
  return held.filter((failure) => wasHeldBy(kill, failure)).length
}

export const KILL_FRONT: Scenario = {
  name: 'kill-front',
  promise: 'kill -9 of front workers: cut is only what the killed one held, no connection is refused',
  requests: 200_000,
  events: 30,
  minutes: 30,
  run,
}
