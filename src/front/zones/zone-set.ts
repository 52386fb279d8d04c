/**
 * Zones by kind, name and size: of one worker, with what it knows itself, or of the keeper. Opening one again gives
 * the same.
 */
import type { ZoneKind } from '../../protocol/zones/operations.ts'
import { BlobTable } from './blob-table.ts'
import { CountTable } from './count-table.ts'
import { PeerTable } from './peer-table.ts'
import { RateTable } from './rate-table.ts'

export interface NamedZone<T> {
  /** In this set. */
  readonly id: number
  readonly name: string
  readonly bytes: number
  readonly table: T
}

/** What is behind each kind. */
export interface ZoneTables {
  readonly rates: RateTable
  readonly counts: CountTable
  readonly blobs: BlobTable
  readonly peers: PeerTable
}

type ZoneOf<K extends ZoneKind> = NamedZone<ZoneTables[K]>

type ZonesOf = { readonly [K in ZoneKind]: Map<string, ZoneOf<K>> }

const MAKE: { readonly [K in ZoneKind]: (bytes: number) => ZoneTables[K] } = {
  rates: (bytes) => new RateTable(bytes),
  counts: (bytes) => new CountTable(bytes),
  blobs: (bytes) => new BlobTable(bytes),
  peers: (bytes) => new PeerTable(bytes),
}

export class ZoneSet {
  readonly #zones: ZonesOf = { rates: new Map(), counts: new Map(), blobs: new Map(), peers: new Map() }
  #opened = 0

  get used(): boolean {
    return this.#opened > 0
  }

  open<K extends ZoneKind>(kind: K, name: string, bytes: number): ZoneOf<K> {
    const key = `${bytes} ${name}`
    const known = this.#zones[kind].get(key)
    if (known) return known
    const zone = { id: this.#opened, name, bytes, table: MAKE[kind](bytes) }
    this.#opened += 1
    this.#zones[kind].set(key, zone)
    return zone
  }

  /** In the order of opening. */
  of<K extends ZoneKind>(kind: K): IterableIterator<ZoneOf<K>> {
    return this.#zones[kind].values()
  }

  delete(kind: ZoneKind, zone: NamedZone<unknown>): void {
    this.#zones[kind].delete(`${zone.bytes} ${zone.name}`)
  }
}
