/** `portico app`: the application server by itself, for a front of another make. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { APP_PROTOCOLS } from '../app/app-directives.ts'
import { isAllowance, isExposed } from '../app/front-allowance.ts'
import { NO_WORKER_LIMITS } from '../app/worker-limits.ts'
import { createErrorLogger, type LogLevel } from '../io/error-logger.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { parseSocketAddress, SocketAddressError } from '../io/socket-address.ts'
import type { Generation } from '../process/generation.ts'
import { Master } from '../process/master.ts'
import type { AppBoot } from './app-worker.ts'
import { workerProgram } from './own-program.ts'

const APP_USAGE = `Usage: portico app --entry FILE --listen ADDRESS [--protocol NAME] [--workers N] [--pid FILE]
                   [--allow NETWORK]...

  --entry FILE       : module with an export \`application\`
  --listen ADDRESS   : host:port, port, or unix:path
  --protocol NAME    : what the front speaks: ${APP_PROTOCOLS.join(', ')} (default: fastcgi)
  --workers N        : number of processes (default: 1)
  --allow NETWORK    : who may connect: address, network or all; repeatable; other machines need it
  --pid FILE         : where the process id of the master is written
`

class AppUsageError extends Error {}

/** Answers the exit code. */
export async function appCommand(argv: readonly string[]): Promise<number> {
  let generation: Generation | undefined
  try {
    generation = planApp(argv)
  } catch (error) {
    process.stderr.write(`portico: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof AppUsageError || error instanceof TypeError) process.stderr.write(APP_USAGE)
    return 1
  }
  if (!generation) {
    process.stdout.write(APP_USAGE)
    return 0
  }
  return runMaster(generation)
}

async function runMaster(generation: Generation): Promise<number> {
  const logs = new LogDestinations()
  const logger = createErrorLogger([{ destination: logs.open('stderr'), level: 'notice' }])
  const log = { log: (level: LogLevel, message: string) => logger.log(level, message) }
  const code = await new Master({ load: () => generation, log }).run()
  logs.flush()
  return code
}

/** Undefined when only help was asked for. @throws AppUsageError, SocketAddressError, TypeError of `parseArgs` */
function planApp(argv: readonly string[]): Generation | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      entry: { type: 'string' },
      listen: { type: 'string' },
      protocol: { type: 'string', default: 'fastcgi' },
      workers: { type: 'string', default: '1' },
      pid: { type: 'string' },
      allow: { type: 'string', multiple: true },
    },
  })
  if (values.help) return undefined
  if (values.entry === undefined) throw new AppUsageError('app: --entry is missing')
  if (values.listen === undefined) throw new AppUsageError('app: --listen is missing')
  const protocol = APP_PROTOCOLS.find((name) => name === values.protocol)
  if (!protocol) throw new AppUsageError(`app: unknown protocol "${values.protocol}"`)
  const count = /^[1-9]\d{0,3}$/.test(values.workers) ? Number(values.workers) : 0
  if (count === 0) throw new AppUsageError(`app: invalid number of workers "${values.workers}"`)
  const wrong = values.allow?.find((row) => !isAllowance(row))
  if (wrong !== undefined) throw new AppUsageError(`app: invalid --allow "${wrong}"`)
  const address = listenAddress(values.listen)
  if (values.allow === undefined && isExposed(values.listen))
    throw new AppUsageError(
      `app: ${values.listen} is reachable from other machines: name who may connect with --allow`,
    )
  const boot: AppBoot = {
    entry: resolve(values.entry),
    protocol,
    cwd: process.cwd(),
    workers: count,
    upgradeKeys: [],
    limits: NO_WORKER_LIMITS,
    sharedKey: 'app',
    allow: values.allow,
  }
  const key = 'app'
  return {
    listeners: [{ key, address, mode: 0o660 }],
    groups: [{ name: 'app', count, program: workerProgram('app'), listeners: () => [key], boot }],
    pidFile: values.pid === undefined ? undefined : resolve(values.pid),
  }
}

function listenAddress(text: string): ReturnType<typeof parseSocketAddress> {
  try {
    return parseSocketAddress(text)
  } catch (error) {
    if (error instanceof SocketAddressError) throw new AppUsageError(`app: ${error.message}`)
    throw error
  }
}
