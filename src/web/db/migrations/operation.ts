import type { Database } from '../database.ts'
import type { Field, SqlValue } from '../fields/field.ts'
import type { ModelClass, Shape } from '../types.ts'
import type { ProjectState } from './project-state.ts'

/** A model of the past: its rows have the columns of then, whose types nobody knows any more. */
export interface HistoricalShape extends Shape {
  readonly fields: Readonly<Record<string, Field<unknown, { optional: true; primary: false }>>>
}

/** What an operation of a migration does to rows. */
export interface DataStep {
  readonly database: Database
  /** The model as it is at this point of the history, without its own methods: `model('blog.Article').objects`. */
  readonly model: (name: string) => ModelClass<HistoricalShape>
  /** Runs one statement of SQL. */
  readonly execute: (sql: string) => Promise<void>
}

/** Renames and fillings: what two states cannot say. Names of tables and columns are those after the operation. */
export interface ChangeHints {
  readonly renamedTables?: ReadonlyMap<string, string>
  readonly renamedColumns?: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly fills?: ReadonlyMap<string, ReadonlyMap<string, SqlValue>>
  /** The same on the way back: a removed column that returns. */
  readonly backwardsFills?: ReadonlyMap<string, ReadonlyMap<string, SqlValue>>
}

/**
 * One step of a migration. It says how the models change; what the database has to do is found by comparing the
 * tables of both states, forwards and backwards alike.
 */
export interface Operation {
  /** The models after it. @throws ImproperlyConfigured when the state is not the one it was written for */
  apply(state: ProjectState, app: string): ProjectState
  hints?(before: ProjectState, after: ProjectState, app: string, database: Database): ChangeHints
  /** Changes rows. Null: cannot be undone. Left out: there is nothing to do. */
  readonly forwards?: (step: DataStep) => Promise<void>
  readonly backwards?: ((step: DataStep) => Promise<void>) | null
  /** Its code does nothing but execute statements, so that `sqlmigrate` can show them. */
  readonly isSql?: true
  /** For people: "Add field slug to Article". */
  readonly description: string
  /** A part of the name of a migration that has this operation alone: `article_slug`. */
  readonly fragment: string
  /** As `makemigrations` writes it; empty for code. */
  readonly source: string
}
