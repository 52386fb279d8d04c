/**
 * A column's description. The two type parameters exist for the compiler only: what reading gives, and what the
 * row's constructor asks for.
 */

/** What both databases take as a parameter and give in a row. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null

export type Vendor = 'sqlite' | 'postgresql'

/** How one database keeps a kind of value. `decode` and `encode` never see null; without them the value passes as it is. */
export interface Codec {
  columnType(options: FieldOptions): string
  readonly encode?: (value: unknown, options: FieldOptions) => SqlValue
  readonly decode?: (raw: SqlValue, options: FieldOptions) => unknown
  /** The value may pass 2^53: rows that hold it are read with exact integers. */
  readonly exactInteger?: true
}

export interface FieldKind {
  /** Django's name, as messages and migrations show it. */
  readonly name: string
  /** What lookups may be asked of it beside the ones for all kinds. */
  readonly family: 'text' | 'number' | 'boolean' | 'dateTime' | 'date' | 'json' | 'opaque'
  /**
   * The canonical JavaScript value.
   *
   * @throws ValueError in Django's words, without the field's name
   */
  prepare(value: unknown, options: FieldOptions): unknown
  readonly codecs: Readonly<Record<Vendor, Codec>>
}

export type Choices<T = unknown> = readonly (readonly [value: T, label: string])[]

export interface FieldOptions {
  readonly null?: boolean
  readonly blank?: boolean
  readonly unique?: boolean
  readonly index?: boolean
  readonly primaryKey?: boolean
  /** A value, or a function called once per new row. */
  readonly default?: unknown
  readonly choices?: Choices
  readonly column?: string
  readonly max?: number
  readonly maxDigits?: number
  readonly places?: number
  /** Set to now by every save. */
  readonly autoNow?: boolean
  /** Set to now by the first save. */
  readonly autoNowAdd?: boolean
  readonly editable?: boolean
  readonly verboseName?: string
  readonly helpText?: string
  /** The database numbers the rows. */
  readonly auto?: boolean
}

export interface Traits {
  /** May be left out when a row is made. */
  readonly optional: boolean
  readonly primary: boolean
}

export class Field<Read = unknown, T extends Traits = Traits> {
  readonly kind: FieldKind
  readonly options: FieldOptions
  /** Phantom: the type of the row's property. */
  declare readonly read: Read
  /** Phantom. */
  declare readonly traits: T

  constructor(kind: FieldKind, options: FieldOptions) {
    this.kind = kind
    this.options = options
  }

  get hasDefault(): boolean {
    return this.options.default !== undefined
  }

  /** The value of a property that was not given: the default, or what Django gives: '' for text, null for the rest. */
  initial(): unknown {
    const value = this.options.default
    if (typeof value === 'function') return (value as () => unknown)()
    // Every row has its own: a list that one row adds to would be the default of all later ones.
    if (value !== undefined) return typeof value === 'object' ? structuredClone(value) : value
    return this.kind.family === 'text' && this.options.null !== true ? '' : null
  }
}
