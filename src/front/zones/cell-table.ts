/** Numbers by peer and field, with the rules of `peer-zone.ts`. */

export interface Cell {
  readonly peer: string
  readonly field: number
  /** Of a share what is held here: by one worker, or in the keeper by all. */
  value: number
}

/** Bytes that a cell is counted as. */
const CELL_BYTES = 64

export class CellTable {
  readonly #cells = new Map<string, Cell>()
  readonly #most: number

  constructor(bytes: number) {
    this.#most = Math.max(64, Math.floor(bytes / CELL_BYTES))
  }

  /** Undefined where the table is full: what names peers is the conf or a resolver, so that this is not reached. */
  cell(peer: string, field: number): Cell | undefined {
    const key = `${field} ${peer}`
    const known = this.#cells.get(key)
    if (known || this.#cells.size >= this.#most) return known
    const cell: Cell = { peer, field, value: 0 }
    this.#cells.set(key, cell)
    return cell
  }

  all(): IterableIterator<Cell> {
    return this.#cells.values()
  }
}
