/** One worker's connection in the keeper: reads questions, answers in their order, gives back what it held. */
import { FrameReader } from '../../protocol/zones/frame-reader.ts'
import { FrameWriter } from '../../protocol/zones/frame-writer.ts'
import { FrameError } from '../../protocol/zones/frame-error.ts'
import * as op from '../../protocol/zones/operations.ts'
import type { Cell } from './cell-table.ts'
import { enterCounts, holdCount, leaveCount, type CountAsk, type CountTable } from './count-table.ts'
import type { Keeper } from './keeper.ts'
import type { PeerTable } from './peer-table.ts'
import { learnRate, takeRates, type RateAsk } from './rate-table.ts'
import type { ZoneTables } from './zone-set.ts'

/** The way back to a worker. */
export interface WorkerLink {
  write(bytes: Buffer): void
  /** At the end of this turn of the event loop. */
  soon(callback: () => void): void
}

type OpenZones = { readonly [K in op.ZoneKind]: Map<number, ZoneTables[K]> }

export class KeeperSession {
  readonly #keeper: Keeper
  readonly #link: WorkerLink
  readonly #reader = new FrameReader()
  readonly #frames = new FrameWriter()
  /** By the worker's number. */
  readonly #zones: OpenZones = { rates: new Map(), counts: new Map(), blobs: new Map(), peers: new Map() }
  readonly #held = new Map<CountTable, Map<string, number>>()
  #flushing = false

  constructor(keeper: Keeper, link: WorkerLink) {
    this.#keeper = keeper
    this.#link = link
  }

  /** @throws FrameError, after which the connection is of no use */
  receive(bytes: Buffer): void {
    const reader = this.#reader
    reader.receive(bytes)
    for (let operation = reader.next(); operation !== undefined; operation = reader.next())
      this.#serve(operation, reader)
  }

  closed(): void {
    for (const [table, keys] of this.#held) for (const [key, count] of keys) leaveCount(table, key, count)
    this.#held.clear()
    for (const table of this.#zones.peers.values())
      for (const cell of table.drop(this)) this.#keeper.tellCell(table, cell, true, this)
    this.#keeper.forget(this)
  }

  #serve(operation: number, frame: FrameReader): void {
    switch (operation) {
      case op.HELLO:
        return this.#reply(op.WELCOME).u8(op.PROTOCOL_VERSION).end()
      case op.OPEN:
        return this.#open(frame)
      case op.TAKE:
        return this.#take(frame)
      case op.ENTER:
        return this.#enter(frame)
      case op.LEAVE:
        return this.#leave(this.#zone('counts', frame), frame.text())
      case op.HOLD:
        return this.#hold(this.#zone('counts', frame), frame.u32(), frame.text())
      case op.SEED:
        return this.#seed(frame)
      case op.CELL:
        return this.#cell(frame)
      default:
        this.#serveBlob(operation, frame)
    }
  }

  #serveBlob(operation: number, frame: FrameReader): void {
    const table = this.#zone('blobs', frame)
    const key = frame.text()
    const nowMs = this.#keeper.nowMs()
    if (operation === op.GET) this.#blob(table.value(key, nowMs))
    else if (operation === op.DELETE) table.drop(key)
    else {
      const untilMs = nowMs + frame.f64()
      const value = frame.bytes()
      if (operation === op.PUT_NEW) this.#blob(table.putNew(key, value, untilMs, nowMs))
      else if (operation === op.PUT) table.put(key, value, untilMs)
      else throw new FrameError(`an operation ${operation}`)
    }
  }

  #blob(value: Buffer | undefined): void {
    const reply = this.#reply(op.BLOB).u8(value ? 1 : 0)
    if (value) reply.bytes(value)
    reply.end()
  }

  #open(frame: FrameReader): void {
    const id = frame.u16()
    const kind = op.ZONE_KINDS[frame.u8()]
    if (!kind) throw new FrameError('a zone of no kind')
    this.#openAs(kind, id, frame.f64(), frame.text())
  }

  #openAs<K extends op.ZoneKind>(kind: K, id: number, bytes: number, name: string): void {
    const { table } = this.#keeper.open(this, kind, name, bytes)
    this.#zones[kind].set(id, table)
    const peers = kind === 'peers' ? this.#zones.peers.get(id) : undefined
    if (!peers) return
    for (const cell of peers.common.all()) this.tellCell(peers, cell, false)
    for (const cell of peers.held.all()) this.tellCell(peers, cell, true)
  }

  #zone<K extends op.ZoneKind>(kind: K, frame: FrameReader): ZoneTables[K] {
    const id = frame.u16()
    const table = this.#zones[kind].get(id)
    if (!table) throw new FrameError(`a zone ${id} that was not opened`)
    return table
  }

  #take(frame: FrameReader): void {
    const asks = Array.from({ length: frame.u8() }, (): RateAsk => {
      const table = this.#zone('rates', frame)
      return { zone: { id: 0, table }, rate: frame.f64(), burst: frame.f64(), key: frame.text() }
    })
    const { refused, excess } = takeRates(asks, this.#keeper.nowMs())
    const reply = this.#reply(op.TAKEN)
      .u8(refused < 0 ? op.NONE_REFUSED : refused)
      .u8(excess.length)
    for (const above of excess) reply.f64(above)
    reply.end()
  }

  #enter(frame: FrameReader): void {
    const asks = Array.from({ length: frame.u8() }, (): CountAsk => {
      const table = this.#zone('counts', frame)
      return { zone: { id: 0, table }, most: frame.u16(), key: frame.text() }
    })
    const refused = enterCounts(asks)
    if (refused < 0) for (const { zone, key } of asks) this.#note(zone.table, key, 1)
    this.#reply(op.ENTERED)
      .u8(refused < 0 ? op.NONE_REFUSED : refused)
      .end()
  }

  #hold(table: CountTable, count: number, key: string): void {
    holdCount(table, key, count)
    this.#note(table, key, count)
  }

  /** Only what this worker holds: a keeper that began later does not know of what was before. */
  #leave(table: CountTable, key: string): void {
    if (!this.#held.get(table)?.has(key)) return
    leaveCount(table, key)
    this.#note(table, key, -1)
  }

  #note(table: CountTable, key: string, change: number): void {
    let keys = this.#held.get(table)
    if (!keys) this.#held.set(table, (keys = new Map<string, number>()))
    const count = (keys.get(key) ?? 0) + change
    if (count > 0) keys.set(key, count)
    else keys.delete(key)
  }

  #seed(frame: FrameReader): void {
    const table = this.#zone('rates', frame)
    const excess = frame.f64()
    const atMs = frame.f64()
    learnRate(table, frame.text(), excess, atMs)
  }

  #cell(frame: FrameReader): void {
    const table = this.#zone('peers', frame)
    const rule = op.CELL_RULES[frame.u8()]
    const field = frame.u8()
    const value = frame.f64()
    if (!rule) throw new FrameError('a cell without a rule')
    const cell = table.write(this, rule, frame.text(), field, value)
    if (cell) this.#keeper.tellCell(table, cell, rule === 'held', this)
  }

  /** To this session's worker, if it has the zone. */
  tellCell(table: PeerTable, cell: Cell, held: boolean): void {
    for (const [id, known] of this.#zones.peers) {
      if (known !== table) continue
      const value = held ? table.othersOf(this, cell) : cell.value
      const rule = op.CELL_RULES.indexOf(held ? 'held' : 'set')
      this.#reply(op.CELL).u16(id).u8(rule).u8(cell.field).f64(value).text(cell.peer).end()
    }
  }

  #reply(operation: number): FrameWriter {
    if (!this.#flushing) {
      this.#flushing = true
      this.#link.soon(this.#flush)
    }
    return this.#frames.begin(operation)
  }

  readonly #flush = (): void => {
    this.#flushing = false
    this.#link.write(this.#frames.take())
  }
}
