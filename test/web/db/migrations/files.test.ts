import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { defineDatabases, f, migrate } from '../../../../src/entry/web.ts'
import { loadMigrations, writeMigration } from '../../../../src/web/db/migrations/migration-files.ts'
import { History } from './history.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-migration-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a migration that is written can be read, and run by a program', async () => {
  const history = new History()
  const [made] = history.make({ Entry: { text: f.text(), votes: f.int({ default: 0 }) } })
  if (made === undefined) throw new Error('nothing made')
  const path = writeMigration(folder, made)
  expect(readFileSync(path, 'utf8')).toContain("createModel('Entry', {\n      text: f.text(),\n")
  expect(() => writeMigration(folder, made)).toThrow('EEXIST')
  const [read] = await loadMigrations({ main: folder, nowhere: join(folder, 'no') })
  expect(read).toMatchObject({ app: 'main', name: '0001_initial', dependencies: [] })
  expect(read?.operations.map(({ source }) => source)).toEqual(made.operations.map(({ source }) => source))
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  await migrate(databases.default, { folders: { main: folder } })
  const db = databases.default.kysely<{ entry: { text: string; votes: number }; portico_session: { x: 1 } }>()
  expect(await db.selectFrom('entry').select(['text', 'votes']).execute()).toEqual([])
  expect(await db.selectFrom('portico_session').selectAll().execute()).toEqual([])
})

it('a file that is no migration is named', async () => {
  writeFileSync(join(folder, '0002_not.ts'), 'export default {}\n')
  await expect(loadMigrations({ main: folder })).rejects.toThrow(
    '0002_not.ts: its default export is no migration',
  )
})
