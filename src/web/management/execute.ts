import { parseArgs } from 'node:util'
import { ImproperlyConfigured } from '../exceptions.ts'
import { DatabaseError, ValueError } from '../db/errors.ts'
import { CommandError, flag } from './command.ts'
import type { ManagementCommand, ManagementContext, OptionValues } from './command.ts'
import { makemigrations, migrate, showmigrations, sqlmigrate } from './commands/migration-commands.ts'
import { check, clearsessions, shell, showurls, test } from './commands/site-commands.ts'
import { collectstatic } from './commands/static-commands.ts'
import { changepassword, createsuperuser } from './commands/user-commands.ts'
import { ManagementSite } from './management-site.ts'

/** The framework's commands; a project adds its own by the setting `commands`. */
const COMMANDS: ReadonlyMap<string, ManagementCommand> = new Map([
  ...Object.entries({ changepassword, check, clearsessions, collectstatic, createsuperuser }),
  ...Object.entries({ makemigrations, migrate, shell, showmigrations, showurls, sqlmigrate, test }),
])

const COMMON = { settings: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** `portico manage`: runs one command of a project; gives the exit code. What users can put right is one line. */
export async function executeFromCommandLine(context: ManagementContext): Promise<number> {
  const [name, ...rest] = context.argv
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h')
      return listCommands(context)
    return await execute(context, name, rest)
  } catch (error) {
    context.writeError(`${explain(error)}\n`)
    return 1
  }
}

async function execute(context: ManagementContext, name: string, rest: readonly string[]): Promise<number> {
  const builtin = COMMANDS.get(name)
  if (builtin !== undefined) {
    const { values, positionals } = read(builtin, rest)
    if (flag(values, 'help')) return helpOn(context, name, builtin)
    return runCommand(await ManagementSite.load(context, values), builtin, values, positionals)
  }
  const { values: common } = parseArgs({
    args: [...rest],
    options: COMMON,
    strict: false,
    allowPositionals: true,
  })
  const site = await ManagementSite.load(context, common)
  const own = Object.hasOwn(site.settings.commands, name) ? site.settings.commands[name] : undefined
  if (own === undefined) {
    const known = [...COMMANDS.keys(), ...Object.keys(site.settings.commands)].sort().join(', ')
    throw new CommandError(`Unknown command: '${name}'. There are: ${known}.`)
  }
  const { values, positionals } = read(own, rest)
  if (flag(values, 'help')) return helpOn(context, name, own)
  return runCommand(site, own, values, positionals)
}

async function runCommand(
  site: ManagementSite,
  command: ManagementCommand,
  values: OptionValues,
  args: readonly string[],
): Promise<number> {
  try {
    return (await command.run(site, values, args)) ?? 0
  } finally {
    await site.databases.close()
  }
}

function read(
  command: ManagementCommand,
  args: readonly string[],
): { values: OptionValues; positionals: string[] } {
  const options = { ...command.options, ...COMMON }
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  return { values, positionals }
}

function listCommands(context: ManagementContext): number {
  const lines = [...COMMANDS].map(([name, { help }]) => `  ${name.padEnd(18)}${help}`)
  context.write(`Usage: portico manage COMMAND [--settings FILE] [options]\n\n${lines.join('\n')}\n`)
  return 0
}

function helpOn(context: ManagementContext, name: string, command: ManagementCommand): number {
  const options = Object.entries(command.options ?? {}).map(
    ([key, { type }]) => `  --${key}${type === 'string' ? ' VALUE' : ''}`,
  )
  const usage = command.usage === undefined ? '' : ` ${command.usage}`
  context.write(
    `Usage: portico manage ${name}${usage}\n\n${command.help}\n${options.map((line) => `${line}\n`).join('')}`,
  )
  return 0
}

/** One line for what the user can put right, the whole way for the rest. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isUsage = 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS')
  const isTheirs = [CommandError, ImproperlyConfigured, DatabaseError, ValueError].some(
    (one) => error instanceof one,
  )
  if (isUsage || isTheirs || error.name === 'MigrationQuestion') return `${error.name}: ${error.message}`
  return error.stack ?? error.message
}
