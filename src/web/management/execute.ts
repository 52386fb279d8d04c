import { parseArgs } from 'node:util'
import { ImproperlyConfigured } from '../exceptions.ts'
import { bindSettingsTimeZone } from '../conf/settings.ts'
import { DatabaseError, ValueError } from '../db/errors.ts'
import { CommandError, flag } from './command.ts'
import type { ManagementCommand, ManagementContext, OptionValues } from './command.ts'
import { makemigrations, migrate, showmigrations, sqlmigrate } from './commands/migration-commands.ts'
import { check, clearsessions, shell, showurls, test } from './commands/site-commands.ts'
import { collectstatic } from './commands/static-commands.ts'
import { changepassword, createsuperuser } from './commands/user-commands.ts'
import { ManagementSite } from './management-site.ts'

/** The framework's commands; a project adds its own by the setting `commands`. */
export const MANAGEMENT_COMMANDS: ReadonlyMap<string, ManagementCommand> = new Map([
  ...Object.entries({ changepassword, check, clearsessions, collectstatic, createsuperuser }),
  ...Object.entries({ makemigrations, migrate, shell, showmigrations, showurls, sqlmigrate, test }),
])

const COMMON = {
  settings: {
    type: 'string',
    value: 'FILE',
    help: 'the settings module (default: PORTICO_SETTINGS, settings.ts)',
  },
  help: { type: 'boolean', short: 'h', help: 'this help' },
} as const

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
  const builtin = MANAGEMENT_COMMANDS.get(name)
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
    const known = [...MANAGEMENT_COMMANDS.keys(), ...Object.keys(site.settings.commands)].sort().join(', ')
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
  // `check` asks the database nothing, and says itself what is wrong with the settings.
  const unbind = command === check ? null : bindSettingsTimeZone(site.settings)
  try {
    return (await command.run(site, values, args)) ?? 0
  } finally {
    unbind?.()
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
  const lines = [...MANAGEMENT_COMMANDS].map(([name, { help }]) => `  ${name.padEnd(18)}${help}`)
  context.write(`Usage: portico manage COMMAND [--settings FILE] [options]\n\n${lines.join('\n')}\n`)
  return 0
}

function helpOn(context: ManagementContext, name: string, command: ManagementCommand): number {
  const { usage, help, options } = command
  const rows = Object.entries({ ...options, ...COMMON }).map(optionRow)
  const width = Math.max(...rows.map(([left]) => left.length))
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
  const operands = usage === undefined ? '' : ` ${usage}`
  context.write(
    `Usage: portico manage ${name} [options]${operands}\n\n${help}\n\nOptions:\n${lines.join('\n')}\n`,
  )
  return 0
}

type Option = NonNullable<ManagementCommand['options']>[string]

function optionRow([name, { type, short, value, help }]: readonly [string, Option]): [string, string] {
  const letter = short === undefined ? '' : `-${short}, `
  return [`${letter}--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`, help ?? '']
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
