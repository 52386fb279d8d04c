/**
 * The options of `portico app`. Those that say of the workers what `app { }` of a conf says are rows of that block
 * under another spelling: `--max-requests "1000 50"` is `max_requests 1000 50;`.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { appDirectives } from '../app/app-directives.ts'
import * as rows from '../app/app-directives.ts'
import type { Statement } from '../config/ast.ts'
import { bindConfig } from '../config/bind.ts'
import { ConfigError } from '../config/config-error.ts'
import { DirectiveTable } from '../config/directive-table.ts'
import type { Scope } from '../config/scope.ts'
import { LOG_LEVELS, type LogLevel } from '../io/error-logger.ts'
import { parseMilliseconds } from '../util/duration.ts'
import { COMMANDS } from './help/command-table.ts'
import { appUser } from './main-directives.ts'

/** Names of rows; an option has hyphens for the underscores. */
const ROWS = [
  'entry',
  'listen',
  'protocol',
  'workers',
  'harakiri',
  'heartbeat',
  'boot_timeout',
  'max_requests',
  'max_lifetime',
  'reload_on_rss',
  'concurrency',
  'queue',
  'cwd',
  'umask',
  'user',
] as const
const REPEATED_ROWS = ['env', 'allow'] as const

export class AppUsageError extends Error {}

export interface AppOptions {
  /** The block `app { }` that the options stand for. */
  readonly scope: Scope
  readonly pidFile: string | undefined
  readonly controlPath: string | undefined
  readonly shutdownTimeoutMs: number | undefined
  readonly logLevel: LogLevel
}

/** Undefined when only help was asked for. @throws AppUsageError, TypeError of `parseArgs` */
export function parseAppOptions(argv: readonly string[]): AppOptions | undefined {
  const { values } = parseArgs({ args: [...argv], options: COMMANDS.app.options })
  if (values.help === true) return undefined
  for (const name of ['entry', 'listen'])
    if (!(name in values)) throw new AppUsageError(`app: --${name} is missing`)
  const given = new Map<string, unknown>(Object.entries(values))
  return {
    scope: bindRows(given),
    pidFile: values.pid === undefined ? undefined : resolve(values.pid),
    controlPath: values.control === undefined ? undefined : resolve(values.control),
    shutdownTimeoutMs: shutdownLimit(values['shutdown-timeout']),
    logLevel: logLevel(values['log-level']),
  }
}

function shutdownLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const limitMs = parseMilliseconds(text)
  if (limitMs === undefined) throw new AppUsageError(`app: invalid value "${text}" in --shutdown-timeout`)
  return limitMs
}

function logLevel(text = 'notice'): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text)
  if (level === undefined) throw new AppUsageError(`app: invalid log level "${text}"`)
  return level
}

function optionOf(row: string): string {
  return row.replaceAll('_', '-')
}

const table = new DirectiveTable([...appDirectives, appUser])

/** @throws AppUsageError that names the option */
function bindRows(given: ReadonlyMap<string, unknown>): Scope {
  const block: Statement[] = []
  for (const name of [...ROWS, ...REPEATED_ROWS]) {
    const values = given.get(optionOf(name))
    for (const value of Array.isArray(values) ? values : [values])
      if (typeof value === 'string') block.push(statement(name, value))
  }
  const cwd = process.cwd()
  const app: Statement = { ...statement('app', 'app'), block }
  try {
    const { main } = bindConfig([app], table, { prefix: cwd, confPath: resolve(cwd, 'command line') })
    const [bound] = main.blocks(rows.app)
    if (bound === undefined) throw new Error('the block is there')
    return bound.scope
  } catch (error) {
    if (error instanceof ConfigError) throw new AppUsageError(`app: ${error.message} in ${error.file ?? ''}`)
    throw error
  }
}

/** An address, a file and a variable are one word each, whatever stands in them. */
const ONE_WORD: ReadonlySet<string> = new Set(['entry', 'cwd', 'env'])

function statement(name: string, value: string): Statement {
  const words = ONE_WORD.has(name) ? [value] : value.split(/\s+/).filter((word) => word !== '')
  return { name, args: words.map((text) => ({ text, quoted: true })), file: `--${optionOf(name)}`, line: 0 }
}
