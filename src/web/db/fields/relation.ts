import type { AnyModel } from '../types.ts'

/** What becomes of the rows that refer to a deleted one. `restrict` and `protect` refuse; `doNothing` leaves it to the database. */
export type OnDelete = 'cascade' | 'protect' | 'restrict' | 'setNull' | 'setDefault' | 'doNothing'

export type RelationType = 'foreignKey' | 'oneToOne' | 'manyToMany'

export interface RelationOptions {
  /** The name of the way back. Left out: `articleSet` (`article` in lookups); `'+'`: no way back. */
  readonly relatedName?: string
  readonly onDelete?: OnDelete
  readonly null?: boolean
  /** Forms need not name a row. */
  readonly blank?: boolean
  readonly unique?: boolean
  readonly index?: boolean
  readonly primaryKey?: boolean
  readonly column?: string
  readonly default?: unknown
  /** Many-to-many: the table between, when it is not ours to name. */
  readonly table?: string
  /** Many-to-many: an own model between, with a foreign key to each side; by its name in migrations. */
  readonly through?: (() => AnyModel) | string
  readonly verboseName?: string
  readonly helpText?: string
  readonly editable?: boolean
}

/** A model, `'self'`, or another model's name (whose rows the compiler then cannot know). */
export type RelationTarget = AnyModel | string

export class Relation<
  Target extends RelationTarget = RelationTarget,
  Type extends RelationType = RelationType,
  Null extends boolean = boolean,
> {
  readonly target: Target
  readonly type: Type
  readonly options: RelationOptions
  /** Phantom. */
  declare readonly nullable: Null

  constructor(target: Target, type: Type, options: RelationOptions) {
    this.target = target
    this.type = type
    this.options = options
  }
}
