/** Zones of one worker alone, in its own memory. */
import { machineMs } from '../../io/clock.ts'
import type { BlobTable } from './blob-table.ts'
import { enterCounts, leaveCounts, type CountAsk, type CountZone } from './count-table.ts'
import type { PeerZone } from './peer-zone.ts'
import { takeRates, type RateAsk, type RateZone, type Taken } from './rate-table.ts'
import { ZoneSet } from './zone-set.ts'
import { MAX_BLOB_BYTES, type BlobZone, type Zones } from './zones.ts'

export class LocalZones implements Zones {
  readonly #set = new ZoneSet()
  readonly #nowMs: () => number

  constructor(nowMs: () => number = machineMs) {
    this.#nowMs = nowMs
  }

  get used(): boolean {
    return this.#set.used
  }

  rates(name: string, bytes: number): RateZone {
    return this.#set.open('rates', name, bytes)
  }

  counts(name: string, bytes: number): CountZone {
    return this.#set.open('counts', name, bytes)
  }

  blobs(name: string, bytes: number): BlobZone {
    return new LocalBlobZone(this.#set.open('blobs', name, bytes).table, this.#nowMs)
  }

  peers(name: string, bytes: number): PeerZone {
    this.#set.open('peers', name, bytes)
    return NOBODY_ELSE
  }

  take(asks: readonly RateAsk[]): Taken {
    return takeRates(asks, this.#nowMs())
  }

  enter(asks: readonly CountAsk[]): number {
    return enterCounts(asks)
  }

  leave(asks: readonly CountAsk[]): void {
    leaveCounts(asks)
  }
}

export class LocalBlobZone implements BlobZone {
  readonly #table: BlobTable
  readonly #nowMs: () => number

  constructor(table: BlobTable, nowMs: () => number) {
    this.#table = table
    this.#nowMs = nowMs
  }

  get(key: string): Buffer | undefined {
    return this.#table.value(key, this.#nowMs())
  }

  put(key: string, value: Buffer, lifeMs: number): void {
    if (value.length <= MAX_BLOB_BYTES) this.#table.put(key, value, this.#nowMs() + lifeMs)
  }

  putNew(key: string, value: Buffer, lifeMs: number): Buffer {
    const nowMs = this.#nowMs()
    return this.#table.putNew(key, value, nowMs + lifeMs, nowMs)
  }

  delete(key: string): void {
    this.#table.drop(key)
  }
}

/** What this worker writes it knows already. */
const NOBODY_ELSE: PeerZone = { hold: nothing, add: nothing, set: nothing, watch: nothing }

function nothing(): void {}
