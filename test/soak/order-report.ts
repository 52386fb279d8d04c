/** What a run with orders comes to: what was answered, what failed and whether it may. */
import { describe, type Kill } from './order-book.ts'
import type { OrderLoad } from './order-load.ts'
import type { OrderServer } from './order-server.ts'
import type { ScenarioReport } from './scenario.ts'

/** `faults`: what the scenario itself found wrong. */
export function reportOrders(
  server: OrderServer,
  load: OrderLoad,
  kills: readonly Kill[],
  faults: readonly string[],
  figures: Readonly<Record<string, number>>,
): ScenarioReport {
  const book = server.book()
  const orders = load.failures.filter(({ verb }) => verb === 'POST')
  const repeatable = load.failures.filter(({ verb }) => verb !== 'POST')
  const verdict = book.judge(load.receipts, orders, kills, server.failedAddresses())
  return {
    requests: load.total,
    answered: load.answered,
    expected: { 'orders begun by a killed process': verdict.begun, 'sent to it, not read': verdict.unread },
    faults: [
      ...faults,
      ...verdict.faults,
      ...repeatable.map(describe),
      ...server.alerts().map(({ line }) => line),
    ],
    figures: {
      ...figures,
      'failed idempotent requests': repeatable.length,
      'orders in the book': book.size,
      'slowest answer, ms': Math.round(load.slowestMs),
    },
  }
}
