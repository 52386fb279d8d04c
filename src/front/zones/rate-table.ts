/** Leaky buckets by key: the arithmetic of `limit_req`, for one worker or for all. */
import { StateTable } from './state-table.ts'

export interface Bucket {
  /** Thousandths of a request above the rate. */
  excess: number
  /** `machineMs()` of the last request that was counted. */
  atMs: number
}

/** With it an IPv4 address needs 128 bytes, as the manual of nginx says. */
const BUCKET_BYTES = 65

export class RateTable extends StateTable<Bucket> {
  constructor(budget: number) {
    super(budget, BUCKET_BYTES)
  }
}

export interface RateZone {
  /** In this process, or on this connection to the keeper. */
  readonly id: number
  readonly table: RateTable
}

/** One zone's part of a question. */
export interface RateAsk {
  readonly zone: RateZone
  readonly key: string
  /** Thousandths of a request per second. */
  readonly rate: number
  /** Thousandths of a request. */
  readonly burst: number
}

export interface Taken {
  /** Index of the question that refused; -1 where all gave. */
  readonly refused: number
  /** What each key has above its rate now, thousandths of a request; up to the one that refused. */
  readonly excess: readonly number[]
}

/** All give or none: a request that one zone refuses counts in no other (nginx). */
export function takeRates(asks: readonly RateAsk[], nowMs: number): Taken {
  const excess: number[] = []
  for (const [index, { zone, key, rate, burst }] of asks.entries()) {
    const bucket = zone.table.peek(key)
    const above = bucket ? excessNow(bucket, rate, nowMs) : 0
    excess.push(above)
    if (above > burst) {
      zone.table.get(key)
      return { refused: index, excess }
    }
  }
  for (const [index, { zone, key }] of asks.entries()) record(zone.table, key, excess[index] ?? 0, nowMs)
  return { refused: -1, excess }
}

function excessNow({ excess, atMs }: Bucket, rate: number, nowMs: number): number {
  const elapsedMs = Math.max(0, Math.floor(nowMs - atMs))
  return Math.max(0, excess - Math.floor((rate * elapsedMs) / 1000) + 1000)
}

/** Sets what is known of a key. */
export function record(table: RateTable, key: string, excess: number, nowMs: number): void {
  const bucket = table.get(key)
  if (!bucket) {
    table.set(key, { excess, atMs: nowMs })
    return
  }
  bucket.excess = excess
  bucket.atMs = nowMs
}

/** Answers that were given one after the other may be heard of in another order within so long. */
const REORDER_MS = 1000

/** What somebody else knows of a key: the later knowledge counts, of about equally late the greater. */
export function learnRate(table: RateTable, key: string, excess: number, atMs: number): void {
  const bucket = table.peek(key)
  if (!bucket) record(table, key, excess, atMs)
  else if (Math.abs(bucket.atMs - atMs) > REORDER_MS) {
    if (bucket.atMs < atMs) record(table, key, excess, atMs)
  } else record(table, key, Math.max(bucket.excess, excess), Math.max(bucket.atMs, atMs))
}
