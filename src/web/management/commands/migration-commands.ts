/** `makemigrations`, `migrate`, `showmigrations` and `sqlmigrate`, in Django's words. */
import { relative } from 'node:path'
import type { NewMigration } from '../../db/migrations/migration-files.ts'
import { migrationSource, writeMigration } from '../../db/migrations/migration-files.ts'
import type { Database } from '../../db/database.ts'
import { MigrationExecutor } from '../../db/migrations/executor.ts'
import type { PlannedMigration } from '../../db/migrations/executor.ts'
import { keyOf } from '../../db/migrations/migration.ts'
import type { MigrationGraph } from '../../db/migrations/migration-graph.ts'
import type { ChangeOptions } from '../../db/migrations/plan-changes.ts'
import { lastNumber, planChanges } from '../../db/migrations/plan-changes.ts'
import type { ManagementCommand, OptionValues } from '../command.ts'
import { CommandError, flag, text, texts } from '../command.ts'
import type { ManagementSite } from '../management-site.ts'
import { sendPostMigrate } from '../post-migrate.ts'

export const makemigrations: ManagementCommand = {
  help: 'Writes migrations for what changed in the models.',
  usage: '[APP]...',
  options: {
    name: { type: 'string', short: 'n', value: 'NAME', help: 'of the migration, without its number' },
    'dry-run': { type: 'boolean', help: 'print what would be written' },
    check: { type: 'boolean', help: 'the same, with exit code 1 where there is something to write' },
    empty: { type: 'boolean', help: 'an empty migration for each APP, to be written by hand' },
    merge: { type: 'boolean', help: 'one migration after two that were written at the same time' },
    rename: {
      type: 'string',
      multiple: true,
      value: 'OLD:NEW',
      help: 'a model or field (MODEL.FIELD) that has another name now; may be repeated',
    },
    'no-renames': { type: 'boolean', help: 'what is gone is removed, what is there is new: do not ask' },
    fill: {
      type: 'string',
      multiple: true,
      value: 'MODEL.FIELD=VALUE',
      help: 'what rows that are there get in a new field, as JSON or a word; may be repeated',
    },
  },
  async run(site, options, apps) {
    const graph = await site.graph()
    const known = [...new Set([...Object.keys(await site.folders()), ...graph.apps])]
    const unknown = apps.filter((app) => !known.includes(app))
    if (unknown.length > 0)
      throw new CommandError(
        `No application called '${unknown.join("', '")}'. There are: ${known.join(', ')}.`,
      )
    const made = flag(options, 'merge')
      ? merges(graph, options)
      : flag(options, 'empty')
        ? empties(graph, options, apps)
        : planChanges(graph, await site.state(), (app) => site.isOurs(app), changeOptions(options, apps))
    if (made.length === 0) {
      site.write(apps.length === 0 ? 'No changes detected' : `No changes detected in app ${apps.join(', ')}`)
      return 0
    }
    await writeAll(site, made, flag(options, 'dry-run') || flag(options, 'check'))
    return flag(options, 'check') ? 1 : 0
  },
}

/** @throws CommandError */
function folderOf(folders: Readonly<Record<string, string>>, app: string): string {
  const folder = folders[app]
  if (folder === undefined) throw new CommandError(`'${app}' has no folder of migrations here.`)
  return folder
}

async function writeAll(site: ManagementSite, made: readonly NewMigration[], isDry: boolean): Promise<void> {
  const folders = await site.folders()
  const placed = made.map((one) => [one, folderOf(folders, one.app)] as const)
  for (const [one, folder] of placed) {
    site.write(`Migrations for '${one.app}':`)
    if (isDry) site.write(`  ${one.name}\n${migrationSource(one)}`)
    else site.write(`  ${relative(site.context.cwd, writeMigration(folder, one))}`)
    for (const { description } of one.operations) site.write(`    - ${description}`)
  }
}

function changeOptions(options: OptionValues, apps: readonly string[]): ChangeOptions {
  const name = text(options, 'name')
  return {
    apps,
    ...(name === undefined ? {} : { name }),
    renames: new Map(texts(options, 'rename').map((one) => pair(one, ':', '--rename OLD:NEW'))),
    fills: new Map(
      texts(options, 'fill')
        .map((one) => pair(one, '=', '--fill MODEL.FIELD=VALUE'))
        .map(readValue),
    ),
    noRenames: flag(options, 'no-renames'),
  }
}

function pair(option: string, between: string, form: string): [string, string] {
  const at = option.indexOf(between)
  if (at < 1) throw new CommandError(`${option}: expecting ${form}`)
  return [option.slice(0, at), option.slice(at + 1)]
}

/** JSON where it is JSON, else the word itself. */
function readValue([name, value]: [string, string]): [string, unknown] {
  try {
    return [name, JSON.parse(value) as unknown]
  } catch {
    return [name, value]
  }
}

function empties(graph: MigrationGraph, options: OptionValues, apps: readonly string[]): NewMigration[] {
  if (apps.length === 0) throw new CommandError('You must supply at least one app label when using --empty.')
  graph.refuseConflicts()
  return apps.map((app) => ({
    app,
    name: numbered(graph, app, text(options, 'name') ?? 'custom'),
    dependencies: graph.leaves(app).map(({ name }) => [app, name] as const),
    operations: [],
  }))
}

function merges(graph: MigrationGraph, options: OptionValues): NewMigration[] {
  return graph.apps.flatMap((app) => {
    const leaves = graph.leaves(app)
    if (leaves.length < 2) return []
    const name = numbered(graph, app, text(options, 'name') ?? 'merge')
    return [{ app, name, dependencies: leaves.map((leaf) => [app, leaf.name] as const), operations: [] }]
  })
}

const numbered = (graph: MigrationGraph, app: string, name: string): string =>
  `${String(lastNumber(graph, app) + 1).padStart(4, '0')}_${name}`

const DATABASE = {
  type: 'string',
  value: 'ALIAS',
  help: 'another database of the settings (default: default)',
} as const

export const migrate: ManagementCommand = {
  help: 'Brings the database to the last migration, or to the one named (`zero`: before the first).',
  usage: '[APP] [NAME]',
  options: {
    fake: { type: 'boolean', help: 'write down that they are applied, and do nothing else' },
    'fake-initial': { type: 'boolean', help: 'the same for first migrations whose tables are there' },
    plan: { type: 'boolean', help: 'print what would be done' },
    check: { type: 'boolean', help: 'the same, with exit code 1 where there is something to do' },
    database: DATABASE,
  },
  async run(site, options, [app, name]) {
    const database = databaseOf(site, options)
    const executor = await executorOf(site, database, app)
    const plan = await executor.plan(app, name)
    if (flag(options, 'check') || flag(options, 'plan')) {
      for (const planned of plan) site.write(planLine(planned))
      if (plan.length === 0) site.write('No planned migration operations.')
      return flag(options, 'check') && plan.length > 0 ? 1 : 0
    }
    site.write(
      `Operations to perform:\n  Apply all migrations: ${app ?? (await site.graph()).apps.join(', ')}`,
    )
    site.write('Running migrations:')
    if (plan.length === 0) site.write('  No migrations to apply.')
    await runShowing(site, executor, plan, options)
    await site.resolver()
    await sendPostMigrate(database, executor, plan)
    if (app === undefined) await sayWhatIsMissing(site)
    return 0
  },
}

/** A long one is named while it runs: on a terminal with its place among all, which its outcome replaces. */
async function runShowing(
  { context }: ManagementSite,
  executor: MigrationExecutor,
  plan: readonly PlannedMigration[],
  options: OptionValues,
): Promise<void> {
  const { progress } = context
  let begun = 0
  try {
    await executor.run(plan, {
      fake: flag(options, 'fake'),
      fakeInitial: flag(options, 'fake-initial'),
      onStart: (planned) => {
        begun++
        if (progress) progress.show(`  [${begun}/${plan.length}] ${planLine(planned)}...`)
        else context.write(`  ${planLine(planned)}...`)
      },
      onEnd: (planned, outcome) => {
        progress?.clear()
        context.write(`${progress ? `  ${planLine(planned)}...` : ''}${OUTCOMES[outcome]}\n`)
      },
    })
  } finally {
    progress?.clear()
  }
}

const OUTCOMES = { done: ' OK', faked: ' FAKED', elsewhere: ' done by another process' }

const planLine = ({ migration, backwards }: PlannedMigration): string =>
  `${backwards ? 'Unapplying' : 'Applying'} ${keyOf(migration.app, migration.name)}`

function databaseOf(site: ManagementSite, options: OptionValues): Database {
  const alias = text(options, 'database')
  return alias === undefined ? site.database : site.databases.get(alias)
}

async function executorOf(
  site: ManagementSite,
  database: Database,
  app: string | undefined,
): Promise<MigrationExecutor> {
  const graph = await site.graph()
  graph.refuseConflicts()
  if (app !== undefined && !graph.apps.includes(app))
    throw new CommandError(`App '${app}' does not have migrations. It has: ${graph.apps.join(', ')}`)
  return new MigrationExecutor(database, graph)
}

/** Whether there is something that `makemigrations` would write, or ask about. */
async function isAhead(site: ManagementSite): Promise<boolean> {
  try {
    return planChanges(await site.graph(), await site.state(), (app) => site.isOurs(app)).length > 0
  } catch {
    return true
  }
}

/** Models that are ahead of the migrations: the next query would fail. */
async function sayWhatIsMissing(site: ManagementSite): Promise<void> {
  if (!(await isAhead(site))) return
  site.write(
    "  Your models have changes that are not yet reflected in a migration, and so won't be applied.\n" +
      "  Run 'portico manage makemigrations' to make new migrations, and then 'portico manage migrate'.",
  )
}

export const showmigrations: ManagementCommand = {
  help: 'Lists migrations, and which of them are applied.',
  usage: '[APP]...',
  options: { database: DATABASE },
  async run(site, options, apps) {
    const graph = await site.graph()
    const applied = await new MigrationExecutor(databaseOf(site, options), graph).applied()
    for (const app of graph.apps.filter((one) => apps.length === 0 || apps.includes(one))) {
      site.write(app)
      for (const { name } of graph.of(app))
        site.write(` [${applied.has(keyOf(app, name)) ? 'X' : ' '}] ${name}`)
    }
  },
}

export const sqlmigrate: ManagementCommand = {
  help: 'Prints the SQL of one migration.',
  usage: 'APP NAME',
  options: { backwards: { type: 'boolean', help: 'the way back' }, database: DATABASE },
  async run(site, options, [app, name]) {
    if (app === undefined || name === undefined)
      throw new CommandError('Which one? portico manage sqlmigrate APP NAME')
    const executor = await executorOf(site, databaseOf(site, options), app)
    const migration = (await site.graph()).find(app, name)
    const lines = await executor.sql({ migration, backwards: flag(options, 'backwards') })
    site.write(['BEGIN;', ...lines, 'COMMIT;'].join('\n'))
  },
}
