/** `portico dev`: the conf in one process, for whoever writes what it serves. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '../config/config-error.ts'
import { DevLog } from '../dev/dev-log.ts'
import { isFile } from '../io/files/text-file.ts'
import { DevSession } from './dev-session.ts'
import { COMMANDS } from './help/command-table.ts'
import { helpText, usageText } from './help/help-text.ts'
import { placesOf } from './load-conf.ts'

class DevUsageError extends Error {}

interface DevArguments {
  readonly conf: string | undefined
  readonly port: number | undefined
  readonly host: string
}

/** Answers the exit code. */
export async function devCommand(argv: readonly string[]): Promise<number> {
  let args: DevArguments | undefined
  try {
    args = readArguments(argv)
  } catch (error) {
    process.stderr.write(
      `portico: ${error instanceof Error ? error.message : String(error)}\n${usageText('dev')}`,
    )
    return 1
  }
  if (!args) {
    process.stdout.write(helpText('dev'))
    return 0
  }
  const places = placesOf({ prefix: undefined, conf: args.conf, errorLog: undefined }, process.cwd())
  if (!isFile(places.confPath)) {
    process.stderr.write(
      `portico: there is no ${places.confPath}. Go to a project's folder, name a conf with -c,\n` +
        '  or make a project: portico new NAME\n',
    )
    return 1
  }
  const log = new DevLog({
    destination: 1,
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  })
  const session = new DevSession({ places, log, ...args, env: environment() })
  try {
    await session.start()
  } catch (error) {
    await session.close()
    if (!(error instanceof Error)) throw error
    process.stderr.write(`portico: ${explain(error)}\n`)
    return 1
  }
  await ended()
  await session.close()
  return 0
}

/** Undefined when only help was asked for. @throws DevUsageError, TypeError of `parseArgs` */
function readArguments(argv: readonly string[]): DevArguments | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: COMMANDS.dev.options,
  })
  if (values.help) return undefined
  const { port } = values
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535))
    throw new DevUsageError(`dev: invalid port "${port}"`)
  const conf = values.conf === undefined ? undefined : resolve(values.conf)
  return { conf, port: port === undefined ? undefined : Number(port), host: values.host ?? '127.0.0.1' }
}

/** What applications see: a project of ours shows its debug pages. */
function environment(): Record<string, string | undefined> {
  return { DEBUG: '1', ...process.env, PORTICO_DEV: '1' }
}

function explain(error: Error): string {
  if (error instanceof ConfigError) return error.toString()
  const code = 'code' in error ? error.code : undefined
  if (code === 'EACCES' || code === 'EADDRINUSE') return `${error.message}; choose another port with -p`
  return error.stack ?? error.message
}

function ended(): Promise<void> {
  const { promise, resolve: end } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const) process.once(signal, () => end())
  return promise
}
