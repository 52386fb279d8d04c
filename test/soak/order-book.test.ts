/** The comparison that the soak's verdicts rest on: it must see what must not be. */
import { describe, expect, it } from 'vitest'
import { failedAddresses, OrderBook, type Kill } from './order-book.ts'
import type { OrderFailure } from './order-load.ts'

const KILL: Kill = { pid: 7, beganMs: 1000, goneMs: 1010, address: '/orders.1.sock' }
const AT_KILLED = new Map([[1, 'unix:/run/orders.0.sock, unix:/run/orders.1.sock']])

function failure(changes: Partial<OrderFailure> = {}): OrderFailure {
  const known = { verb: 'POST', id: 1, kind: 'status', detail: '502', front: 3 } as const
  return { ...known, sentMs: 995, failedMs: 1020, ...changes }
}

interface Case {
  readonly name: string
  readonly book?: string
  readonly receipts?: readonly number[]
  readonly failures?: readonly OrderFailure[]
  readonly addresses?: ReadonlyMap<number, string>
  readonly faults: readonly RegExp[]
  readonly begun?: number
  readonly unread?: number
}

const CASES: readonly Case[] = [
  { name: 'done, with a receipt', book: 'begun 1 5\ndone 1 5\n', receipts: [1], faults: [] },
  { name: 'a receipt of what nobody did', receipts: [1], faults: [/has a receipt and is not done/] },
  { name: 'a receipt of what was only begun', book: 'begun 1 5\n', receipts: [1], faults: [/not done/] },
  {
    name: 'taken twice',
    book: 'begun 1 7\nbegun 1 5\ndone 1 5\n',
    receipts: [1],
    faults: [/was taken 2 times, by 7 and 5/],
  },
  { name: 'begun by the killed', book: 'begun 1 7\n', failures: [failure()], begun: 1, faults: [] },
  {
    name: 'done by the killed, whose receipt was lost',
    book: 'begun 1 7\ndone 1 7\n',
    failures: [failure()],
    begun: 1,
    faults: [],
  },
  {
    name: 'begun by one that lives',
    book: 'begun 1 5\n',
    failures: [failure()],
    faults: [/begun by 5$/],
  },
  {
    name: 'sent to the killed, not read',
    failures: [failure()],
    addresses: AT_KILLED,
    unread: 1,
    faults: [],
  },
  {
    name: 'sent to another',
    failures: [failure()],
    addresses: new Map([[1, 'unix:/run/orders.0.sock']]),
    faults: [/begun by nobody$/],
  },
  {
    name: 'failed before the kill',
    failures: [failure({ failedMs: 999 })],
    addresses: AT_KILLED,
    faults: [/begun by nobody$/],
  },
  {
    name: 'sent long after it',
    failures: [failure({ sentMs: 9000, failedMs: 9010 })],
    addresses: AT_KILLED,
    faults: [/begun by nobody$/],
  },
  {
    name: 'another status than 502',
    book: 'begun 1 7\n',
    failures: [failure({ detail: '500' })],
    faults: [/status \(500\)/],
  },
]

describe('orders under kills', () => {
  it.each(CASES)('$name', (row) => {
    const { book = '', receipts = [], failures = [], addresses = new Map<number, string>() } = row
    const verdict = new OrderBook(book).judge(new Set(receipts), failures, [KILL], addresses)
    expect(verdict.faults).toHaveLength(row.faults.length)
    for (const [index, pattern] of row.faults.entries()) expect(verdict.faults[index]).toMatch(pattern)
    expect([verdict.begun, verdict.unread]).toEqual([row.begun ?? 0, row.unread ?? 0])
  })

  it('finds where failed orders went', () => {
    const log = '- GET 200 -\n4 POST 200 a\n5 POST 502 a, b\n6 GET 502 a\n'
    expect([...failedAddresses(log)]).toEqual([[5, 'a, b']])
  })
})
