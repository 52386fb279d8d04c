/** The cells of an upstream group as the keeper has them: each worker's shares, and what is common to all. */
import type { CellRule } from '../../protocol/zones/operations.ts'
import { CellTable, type Cell } from './cell-table.ts'

export class PeerTable {
  readonly #bytes: number
  readonly common: CellTable
  /** Sums of all shares. */
  readonly held: CellTable
  readonly #shares = new Map<object, CellTable>()

  constructor(bytes: number) {
    this.#bytes = bytes
    this.common = new CellTable(bytes)
    this.held = new CellTable(bytes)
  }

  /** The cell that changed, undefined where nothing did. */
  write(holder: object, rule: CellRule, peer: string, field: number, value: number): Cell | undefined {
    if (rule === 'held') return this.#hold(holder, peer, field, value)
    const cell = this.common.cell(peer, field)
    if (cell) cell.value = rule === 'add' ? cell.value + value : value
    return cell
  }

  #hold(holder: object, peer: string, field: number, value: number): Cell | undefined {
    let shares = this.#shares.get(holder)
    if (!shares) this.#shares.set(holder, (shares = new CellTable(this.#bytes)))
    const share = shares.cell(peer, field)
    const sum = this.held.cell(peer, field)
    if (!share || !sum) return undefined
    sum.value += value - share.value
    share.value = value
    return sum
  }

  /** What the others hold beside this one. */
  othersOf(holder: object, { peer, field, value }: Cell): number {
    return value - (this.#shares.get(holder)?.cell(peer, field)?.value ?? 0)
  }

  /** A worker is gone, and its shares with it: the sums that changed. */
  drop(holder: object): Cell[] {
    const changed: Cell[] = []
    for (const { peer, field, value } of this.#shares.get(holder)?.all() ?? []) {
      const sum = this.held.cell(peer, field)
      if (!sum || value === 0) continue
      sum.value -= value
      changed.push(sum)
    }
    this.#shares.delete(holder)
    return changed
  }
}
