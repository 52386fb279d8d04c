/** The cells of one upstream group beside other workers: own writes go out together, others' come in. */
import type { FrameWriter } from '../../protocol/zones/frame-writer.ts'
import * as op from '../../protocol/zones/operations.ts'
import { CellTable, type Cell } from './cell-table.ts'
import type { PeerWatcher, PeerZone } from './peer-zone.ts'

interface Change {
  readonly rule: op.CellRule
  value: number
}

export class SharedPeerZone implements PeerZone {
  readonly #id: number
  readonly #shares: CellTable
  readonly #common: CellTable
  readonly #schedule: () => void
  /** What is to be told. */
  readonly #changes = new Map<Cell, Change>()
  readonly #watchers: PeerWatcher[] = []

  /** `schedule` sees to it that `writeChanges` is called soon. */
  constructor(id: number, bytes: number, schedule: () => void) {
    this.#id = id
    this.#shares = new CellTable(bytes)
    this.#common = new CellTable(bytes)
    this.#schedule = schedule
  }

  hold(peer: string, field: number, value: number): void {
    const cell = this.#shares.cell(peer, field)
    if (!cell) return
    cell.value = value
    this.#changed(cell, 'held', value)
  }

  add(peer: string, field: number, delta: number): void {
    const cell = this.#common.cell(peer, field)
    if (!cell) return
    cell.value += delta
    const change = this.#changes.get(cell)
    if (change) change.value += delta
    else this.#changed(cell, 'add', delta)
  }

  set(peer: string, field: number, value: number): void {
    const cell = this.#common.cell(peer, field)
    if (!cell) return
    cell.value = value
    this.#changed(cell, 'set', value)
  }

  watch(watcher: PeerWatcher): void {
    this.#watchers.push(watcher)
    for (const { peer, field, value } of this.#common.all())
      if (value !== 0) watcher.onPeerCell(peer, field, value)
  }

  #changed(cell: Cell, rule: op.CellRule, value: number): void {
    this.#changes.set(cell, { rule, value })
    this.#schedule()
  }

  /** What the keeper says others wrote. What this worker wrote meanwhile and did not tell yet counts on top. */
  learn(rule: op.CellRule | undefined, peer: string, field: number, told: number): void {
    let value = told
    if (rule !== 'held') {
      const cell = this.#common.cell(peer, field)
      if (!cell) return
      const change = this.#changes.get(cell)
      if (change?.rule === 'set') return
      if (change) value += change.value
      cell.value = value
    }
    for (const watcher of this.#watchers) watcher.onPeerCell(peer, field, value)
  }

  /** The keeper is gone: what others hold is not known any more. */
  forgetOthers(): void {
    this.#changes.clear()
    for (const { peer, field } of this.#shares.all())
      for (const watcher of this.#watchers) watcher.onPeerCell(peer, field, 0)
  }

  writeChanges(frames: FrameWriter): void {
    for (const [cell, { rule, value }] of this.#changes) this.#write(frames, rule, cell, value)
    this.#changes.clear()
  }

  /** Everything that this worker knows, for a keeper that knows nothing of it. */
  writeAll(frames: FrameWriter): void {
    for (const cell of this.#shares.all()) this.#write(frames, 'held', cell, cell.value)
    for (const cell of this.#common.all()) if (cell.value !== 0) this.#write(frames, 'set', cell, cell.value)
    this.#changes.clear()
  }

  #write(frames: FrameWriter, rule: op.CellRule, { peer, field }: Cell, value: number): void {
    frames.begin(op.CELL).u16(this.#id).u8(op.CELL_RULES.indexOf(rule)).u8(field).f64(value).text(peer).end()
  }
}
