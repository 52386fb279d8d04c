import type { Database } from '../database.ts'
import type { SqlValue } from '../fields/field.ts'
import { rowState } from '../row-state.ts'
import type { OutputType } from './bound.ts'
import type { Decoder } from './decode.ts'
import { decoderOf, isExact } from './decode.ts'
import type { Layout, RelatedLayout } from './select.ts'

type RawRow = readonly SqlValue[]

interface Cell {
  readonly name: string
  readonly offset: number
  readonly decode: Decoder
}

/** From result rows to instances, objects, arrays or values: made once per compiled query. */
export interface RowReader {
  readonly exactIntegers: boolean
  instance(raw: RawRow, database: Database): object
  object(raw: RawRow): Record<string, unknown>
  array(raw: RawRow): unknown[]
  flat(raw: RawRow): unknown
}

export function makeReader(layout: Layout, database: Database): RowReader {
  const outputs: OutputType[] = [...layout.columns, ...layout.extra.map((e) => e.output)]
  const related = (all: readonly RelatedLayout[]): void => {
    for (const one of all) {
      outputs.push(...one.columns)
      related(one.children)
    }
  }
  related(layout.related)
  const { vendor } = database
  const exact = outputs.some((output) => isExact(output, vendor))
  const extra = layout.extra.map(({ name, output, offset }) => ({
    name,
    offset,
    decode: decoderOf(output, vendor, exact),
  }))
  return new Reader(new InstanceReader(layout, 0, database, exact), extra, exact)
}

class Reader implements RowReader {
  readonly #instance: InstanceReader
  readonly #extra: readonly Cell[]
  readonly exactIntegers: boolean

  constructor(instance: InstanceReader, extra: readonly Cell[], exactIntegers: boolean) {
    this.#instance = instance
    this.#extra = extra
    this.exactIntegers = exactIntegers
  }

  instance(raw: RawRow, database: Database): object {
    const row = this.#instance.read(raw, database)
    for (const cell of this.#extra) row[cell.name] = value(raw, cell)
    return row
  }

  object(raw: RawRow): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    for (const cell of this.#extra) object[cell.name] = value(raw, cell)
    return object
  }

  array(raw: RawRow): unknown[] {
    return this.#extra.map((cell) => value(raw, cell))
  }

  flat(raw: RawRow): unknown {
    const [cell] = this.#extra
    return cell === undefined ? undefined : value(raw, cell)
  }
}

function value(raw: RawRow, cell: Cell): unknown {
  const field = raw[cell.offset] ?? null
  return field === null || cell.decode === null ? field : cell.decode(field)
}

/** One model's columns from `offset` on, and those of the rows it is joined with. */
class InstanceReader {
  readonly #blank: () => Record<string, unknown>
  readonly #cells: readonly Cell[]
  readonly #key: number
  readonly #related: readonly { accessor: string; back: string | null; reader: InstanceReader }[]

  constructor(
    layout: Pick<Layout, 'meta' | 'columns'> & { readonly related: readonly RelatedLayout[] },
    offset: number,
    database: Database,
    exact: boolean,
  ) {
    const { meta, columns } = layout
    // Of `values` no instance is made.
    const whole = columns.length === 0 || columns.length === meta.columns.length
    this.#blank = whole
      ? meta.blank
      : meta.blankWithout(meta.columns.filter((column) => !columns.includes(column)))
    this.#cells = layout.columns.map((column, i) => ({
      name: column.attname,
      offset: offset + i,
      decode: decoderOf(column, database.vendor, exact),
    }))
    this.#key = offset + layout.columns.findIndex((column) => column === layout.meta.pk)
    this.#related = layout.related.map(({ relation, columns, offset: at, children }) => ({
      accessor: relation.accessor,
      back: relation.reverse ? relation.column.name : null,
      reader: new InstanceReader({ meta: relation.target, columns, related: children }, at, database, exact),
    }))
  }

  read(raw: RawRow, database: Database): Record<string, unknown> {
    const row = this.#blank()
    for (const cell of this.#cells) row[cell.name] = value(raw, cell)
    const state = rowState(row)
    if (state === null) return row
    state.adding = false
    state.database = database
    for (const { accessor, back, reader } of this.#related) {
      const related = reader.isPresent(raw) ? reader.read(raw, database) : null
      state.remember(accessor, related)
      if (related !== null && back !== null) rowState(related)?.remember(back, row)
    }
    return row
  }

  /** An outer join that found nothing gives a null key. */
  isPresent(raw: RawRow): boolean {
    return raw[this.#key] !== null
  }
}
