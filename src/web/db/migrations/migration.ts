import type { Operation } from './operation.ts'

/** An application and the name of one of its migrations. */
export type MigrationKey = readonly [app: string, name: string]

/** What a migration file has as its default export. */
export interface Migration {
  /** Migrations that come before: its predecessor, and those of models that it refers to. */
  readonly dependencies: readonly MigrationKey[]
  readonly operations: readonly Operation[]
}

/** A migration with its place, read from a file or brought along by the framework. */
export interface LoadedMigration extends Migration {
  readonly app: string
  /** The file's name: `0001_initial`. */
  readonly name: string
}

/** Describes one migration: `export default migration({ dependencies: [], operations: [createModel(...)] })`. */
export const migration = (description: Partial<Migration>): Migration => ({
  dependencies: [],
  operations: [],
  ...description,
})

export const keyOf = (app: string, name: string): string => `${app}.${name}`
