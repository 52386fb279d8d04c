/**
 * Zones of one of several workers: the keeper decides, this worker waits. What it is answered it also notes in its own
 * tables, so that it can decide alone while the keeper is gone and can tell a new keeper where things stand.
 */
import { machineMs } from '../../io/clock.ts'
import type { FrameReader } from '../../protocol/zones/frame-reader.ts'
import type { FrameWriter } from '../../protocol/zones/frame-writer.ts'
import * as op from '../../protocol/zones/operations.ts'
import { enterCounts, holdCounts, leaveCounts, type CountAsk, type CountZone } from './count-table.ts'
import { KeeperClient, type KeeperClientOwner, type KeeperTransport } from './keeper-client.ts'
import { LocalBlobZone } from './local-zones.ts'
import type { PeerZone } from './peer-zone.ts'
import { record, takeRates, type RateAsk, type RateZone, type Taken } from './rate-table.ts'
import { SharedPeerZone } from './shared-peer-zone.ts'
import { ZoneSet } from './zone-set.ts'
import { MAX_BLOB_BYTES, type BlobZone, type Zones } from './zones.ts'

export interface SharedZonesOptions {
  readonly transport: KeeperTransport
  readonly processId: number
  /** A line for the error log when the keeper is lost or back. */
  readonly say: (level: 'error' | 'notice', message: string) => void
  readonly nowMs?: () => number
}

/** Rates that a new keeper is told, of each zone: the most recently used. */
const MAX_SEEDS = 20_000
/** A rate that was not used for so long is over for all that matters. */
const SEED_AGE_MS = 60_000
/** Values of several peers go out together, so often at most. */
const CELLS_EVERY_MS = 5

export class SharedZones implements Zones, KeeperClientOwner {
  readonly #set = new ZoneSet()
  readonly #client: KeeperClient
  readonly #options: SharedZonesOptions
  readonly #nowMs: () => number
  readonly #peers = new Map<number, SharedPeerZone>()
  #cellsDue = false
  #lost = false

  constructor(options: SharedZonesOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? machineMs
    this.#client = new KeeperClient(options.transport, this, options.processId)
  }

  /** When all zones are open: the keeper is told them once it answers. */
  connect(): void {
    this.#client.connect()
  }

  close(): void {
    this.#client.close()
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
    const { id, table } = this.#set.open('blobs', name, bytes)
    return new SharedBlobZone(id, new LocalBlobZone(table, this.#nowMs), this.#client)
  }

  peers(name: string, bytes: number): PeerZone {
    const { id } = this.#set.open('peers', name, bytes)
    let zone = this.#peers.get(id)
    if (!zone) this.#peers.set(id, (zone = new SharedPeerZone(id, bytes, () => this.#scheduleCells())))
    return zone
  }

  take(asks: readonly RateAsk[]): Taken | Promise<Taken> {
    if (!this.#client.up) return takeRates(asks, this.#nowMs())
    const question = (frames: FrameWriter): void => {
      frames.begin(op.TAKE).u8(asks.length)
      for (const { zone, key, rate, burst } of asks) frames.u16(zone.id).f64(rate).f64(burst).text(key)
      frames.end()
    }
    return this.#client.ask(question, op.TAKEN, (answer) =>
      answer ? this.#taken(asks, answer) : takeRates(asks, this.#nowMs()),
    )
  }

  #taken(asks: readonly RateAsk[], answer: FrameReader): Taken {
    const refused = readRefused(answer)
    const excess = Array.from({ length: answer.u8() }, () => answer.f64())
    if (refused < 0) {
      const nowMs = this.#nowMs()
      for (const [index, { zone, key }] of asks.entries()) record(zone.table, key, excess[index] ?? 0, nowMs)
    }
    return { refused, excess }
  }

  enter(asks: readonly CountAsk[]): number | Promise<number> {
    if (!this.#client.up) return enterCounts(asks)
    const question = (frames: FrameWriter): void => {
      frames.begin(op.ENTER).u8(asks.length)
      for (const { zone, key, most } of asks) frames.u16(zone.id).u16(most).text(key)
      frames.end()
    }
    return this.#client.ask(question, op.ENTERED, (answer) => {
      if (!answer) return enterCounts(asks)
      const refused = readRefused(answer)
      if (refused < 0) holdCounts(asks)
      return refused
    })
  }

  leave(asks: readonly CountAsk[]): void {
    leaveCounts(asks)
    if (!this.#client.up) return
    this.#client.send((frames) => {
      for (const { zone, key } of asks) frames.begin(op.LEAVE).u16(zone.id).text(key).end()
    })
  }

  onUp(frames: FrameWriter): void {
    for (const kind of op.ZONE_KINDS)
      for (const { id, name, bytes } of this.#set.of(kind))
        frames.begin(op.OPEN).u16(id).u8(op.ZONE_KINDS.indexOf(kind)).f64(bytes).text(name).end()
    for (const { id, table } of this.#set.of('counts'))
      for (const [key, count] of table.entries()) frames.begin(op.HOLD).u16(id).u32(count).text(key).end()
    this.#seedRates(frames)
    for (const zone of this.#peers.values()) zone.writeAll(frames)
    if (this.#lost)
      this.#options.say('notice', 'the keeper of zones answers again: limits hold for all workers')
    this.#lost = false
  }

  #seedRates(frames: FrameWriter): void {
    const oldestMs = this.#nowMs() - SEED_AGE_MS
    for (const { id, table } of this.#set.of('rates')) {
      let skipped = table.size - MAX_SEEDS
      for (const [key, { excess, atMs }] of table.entries()) {
        skipped -= 1
        if (skipped < 0 && atMs > oldestMs)
          frames.begin(op.SEED).u16(id).f64(excess).f64(atMs).text(key).end()
      }
    }
  }

  onDown(): void {
    if (this.#lost) return
    this.#lost = true
    for (const zone of this.#peers.values()) zone.forgetOthers()
    this.#options.say('error', 'the keeper of zones does not answer: each worker counts limits alone')
  }

  onNotice(operation: number, frame: FrameReader): void {
    if (operation !== op.CELL) return
    const zone = this.#peers.get(frame.u16())
    const rule = op.CELL_RULES[frame.u8()]
    const field = frame.u8()
    const value = frame.f64()
    zone?.learn(rule, frame.text(), field, value)
  }

  #writeCells(frames: FrameWriter): void {
    for (const zone of this.#peers.values()) zone.writeChanges(frames)
  }

  #scheduleCells(): void {
    if (this.#cellsDue) return
    this.#cellsDue = true
    this.#options.transport.after(CELLS_EVERY_MS, () => {
      this.#cellsDue = false
      if (this.#client.up) this.#client.send((frames) => this.#writeCells(frames))
    })
  }
}

function readRefused(answer: FrameReader): number {
  const refused = answer.u8()
  return refused === op.NONE_REFUSED ? -1 : refused
}

class SharedBlobZone implements BlobZone {
  readonly #id: number
  /** What this worker put itself: all there is while the keeper is gone. */
  readonly #own: LocalBlobZone
  readonly #client: KeeperClient

  constructor(id: number, own: LocalBlobZone, client: KeeperClient) {
    this.#id = id
    this.#own = own
    this.#client = client
  }

  get(key: string): Buffer | undefined | Promise<Buffer | undefined> {
    if (!this.#client.up) return this.#own.get(key)
    return this.#client.ask(
      (frames) => frames.begin(op.GET).u16(this.#id).text(key).end(),
      op.BLOB,
      (answer) => (answer ? readBlob(answer) : this.#own.get(key)),
    )
  }

  put(key: string, value: Buffer, lifeMs: number): void {
    if (value.length > MAX_BLOB_BYTES) return
    this.#own.put(key, value, lifeMs)
    if (!this.#client.up) return
    this.#client.send((frames) => frames.begin(op.PUT).u16(this.#id).text(key).f64(lifeMs).bytes(value).end())
  }

  putNew(key: string, value: Buffer, lifeMs: number): Buffer | Promise<Buffer> {
    if (!this.#client.up) return this.#own.putNew(key, value, lifeMs)
    return this.#client.ask(
      (frames) => frames.begin(op.PUT_NEW).u16(this.#id).text(key).f64(lifeMs).bytes(value).end(),
      op.BLOB,
      (answer) => {
        const known = answer && readBlob(answer)
        if (known) this.#own.put(key, known, lifeMs)
        return known ?? this.#own.putNew(key, value, lifeMs)
      },
    )
  }

  delete(key: string): void {
    this.#own.delete(key)
    if (!this.#client.up) return
    this.#client.send((frames) => frames.begin(op.DELETE).u16(this.#id).text(key).end())
  }
}

function readBlob(answer: FrameReader): Buffer | undefined {
  return answer.u8() === 1 ? answer.bytes() : undefined
}
