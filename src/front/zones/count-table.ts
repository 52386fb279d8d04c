/** Requests under way by key: the arithmetic of `limit_conn`, for one worker or for all. */
import { StateTable } from './state-table.ts'

/** With it an address needs 64 bytes, as the manual of nginx says. */
const COUNT_BYTES = 45

export class CountTable extends StateTable<number> {
  constructor(budget: number) {
    super(budget, COUNT_BYTES)
  }
}

export interface CountZone {
  /** In this process, or on this connection to the keeper. */
  readonly id: number
  readonly table: CountTable
}

/** One zone's part of a question. */
export interface CountAsk {
  readonly zone: CountZone
  readonly key: string
  readonly most: number
}

/** All count the request or none. Answers the index of the first that refused, -1 when none did. */
export function enterCounts(asks: readonly CountAsk[]): number {
  for (const [index, { zone, key, most }] of asks.entries()) {
    const count = zone.table.peek(key)
    // A zone without place for a further key refuses, as nginx does.
    if (count === undefined ? !zone.table.fits(key) : count >= most) return index
  }
  holdCounts(asks)
  return -1
}

/** Counts what somebody else decided. */
export function holdCounts(asks: readonly CountAsk[]): void {
  for (const { zone, key } of asks) holdCount(zone.table, key, 1)
}

export function leaveCounts(asks: readonly CountAsk[]): void {
  for (const { zone, key } of asks) leaveCount(zone.table, key)
}

export function holdCount(table: CountTable, key: string, count: number): void {
  table.set(key, (table.peek(key) ?? 0) + count)
}

export function leaveCount(table: CountTable, key: string, count = 1): void {
  const left = (table.peek(key) ?? 0) - count
  if (left > 0) table.set(key, left)
  else table.delete(key)
}
