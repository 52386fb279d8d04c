import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createFile, fileNames } from '../../../io/files/project-files.ts'
import { ImproperlyConfigured } from '../../exceptions.ts'
import type { LoadedMigration, Migration, MigrationKey } from './migration.ts'
import type { Operation } from './operation.ts'
import { textSource } from './field-source.ts'

/** Folders of migrations, by application. */
export type MigrationFolders = Readonly<Record<string, string>>

const MIGRATION_FILE = /^(\d{4}_[A-Za-z0-9_]+)\.(?:ts|mts|js|mjs)$/

/** Reads every migration of the folders. @throws ImproperlyConfigured for a file that is none */
export async function loadMigrations(folders: MigrationFolders): Promise<LoadedMigration[]> {
  const lists = Object.entries(folders).map(async ([app, folder]) => {
    const names = fileNames(folder).filter((name) => MIGRATION_FILE.test(name) && !name.endsWith('.d.ts'))
    return Promise.all(names.sort().map((name) => loadMigration(app, join(folder, name))))
  })
  return (await Promise.all(lists)).flat()
}

async function loadMigration(app: string, path: string): Promise<LoadedMigration> {
  const name = MIGRATION_FILE.exec(path.slice(path.lastIndexOf('/') + 1))?.[1] ?? ''
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
  if (!isMigration(module.default))
    throw new ImproperlyConfigured(
      `${path}: its default export is no migration: export default migration({...})`,
    )
  return { ...module.default, app, name }
}

const isMigration = (value: unknown): value is Migration =>
  typeof value === 'object' &&
  value !== null &&
  'operations' in value &&
  Array.isArray(value.operations) &&
  'dependencies' in value &&
  Array.isArray(value.dependencies)

/** A migration that `makemigrations` found, before it is written. */
export interface NewMigration {
  readonly app: string
  readonly name: string
  readonly dependencies: readonly MigrationKey[]
  readonly operations: readonly Operation[]
}

/** The text of its file. */
export function migrationSource({ dependencies, operations }: NewMigration): string {
  const body = operations.map(({ source }) => `    ${source.replaceAll('\n', '\n    ')},\n`)
  const text = body.join('')
  const names = [
    ...new Set([...text.matchAll(/\b([a-z][A-Za-z]+)\(/g)].map((match) => match[1] ?? '')),
  ].filter((name) => OPERATION_NAMES.has(name))
  const imports = [...names, ...(/\bf\.[a-z]/.test(text) ? ['f'] : []), 'migration'].sort()
  const keys = dependencies.map(([app, name]) => `[${textSource(app)}, ${textSource(name)}]`)
  return [
    `import { ${imports.join(', ')} } from 'portico/web'\n`,
    '\nexport default migration({\n',
    `  dependencies: [${keys.join(', ')}],\n`,
    operations.length === 0 ? '  operations: [],\n' : `  operations: [\n${text}  ],\n`,
    '})\n',
  ].join('')
}

const OPERATION_NAMES = new Set([
  ...['addConstraint', 'addField', 'addIndex', 'alterField', 'alterTable', 'createModel', 'deleteModel'],
  ...['removeConstraint', 'removeField', 'removeIndex', 'renameField', 'renameModel'],
])

/** Writes the file; gives its path. @throws the system's error, when it is there already too */
export function writeMigration(folder: string, migration: NewMigration): string {
  const path = join(folder, `${migration.name}.ts`)
  createFile(path, migrationSource(migration))
  return path
}
