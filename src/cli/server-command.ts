/** `portico [-t] [-c conf] ...`: the master of front and application workers. */
import { processorCount } from '../process/machine.ts'
import { ConfigError } from '../config/config-error.ts'
import { dumpConfig } from '../config/dump.ts'
import { errorLog } from '../front/modules/log.ts'
import { VERSION } from '../front/special-response.ts'
import { createErrorLogger, type ErrorLogger } from '../io/error-logger.ts'
import { LogDestinations } from '../io/log-destination.ts'
import type { Scope } from '../config/scope.ts'
import type { Generation, ListenerSpec, WorkerGroup } from '../process/generation.ts'
import { Master } from '../process/master.ts'
import { sendSignal, SignalError } from '../process/send-signal.ts'
import { parseServerArguments, USAGE, UsageError, type ServerArguments } from './arguments.ts'
import type { FrontBoot } from './front-worker.ts'
import { bindConf, placesOf, readConf, type LoadedConf, type Places } from './load-conf.ts'
import { planServer, type ServerPlan } from './plan-server.ts'
import { pid, workerProcesses, workerShutdownTimeout } from './main-directives.ts'
import { workerProgram } from './worker-program.ts'
import { join } from 'node:path'

function say(line: string): void {
  process.stderr.write(`portico: ${line}\n`)
}

/** Answers the exit code. */
export async function serverCommand(argv: readonly string[]): Promise<number> {
  let args: ServerArguments
  try {
    args = parseServerArguments(argv)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    say(error.message)
    return 1
  }
  if (args.help) process.stderr.write(`portico version: portico/${VERSION}\n${USAGE}`)
  else if (args.version) process.stderr.write(`portico version: portico/${VERSION}\n`)
  else if (args.build)
    process.stderr.write(
      `portico version: portico/${VERSION}\nbuilt for Node.js, running on ${process.version}\n`,
    )
  else return withConf(args)
  return 0
}

async function withConf(args: ServerArguments): Promise<number> {
  const places = placesOf(args, process.cwd())
  try {
    if (args.signal) return signalCommand(args.signal, places, args.directives)
    if (args.test) return testCommand(args, places)
    return await new ServerMaster(places, args.directives).run()
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof SignalError)) throw error
    process.stderr.write(
      `portico: ${error instanceof ConfigError ? error.toString() : `[error] ${error.message}`}\n`,
    )
    return 1
  }
}

function signalCommand(
  signal: NonNullable<ServerArguments['signal']>,
  places: Places,
  globals: string,
): number {
  const { main } = bindConf(readConf(places, globals).statements, places)
  sendSignal(pidFile(main, places), signal)
  return 0
}

function pidFile(main: Scope, places: Places): string {
  return main.get(pid) ?? join(places.prefix, 'run', 'portico.pid')
}

function testCommand(args: ServerArguments, places: Places): number {
  let conf: LoadedConf | undefined
  try {
    conf = readConf(places, args.directives)
    const plan = planServer(conf, places)
    for (const warning of plan.warnings) process.stderr.write(`portico: ${warning.toString()}\n`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`portico: ${error.toString()}\n`)
    say(`configuration file ${places.confPath} test failed`)
    return 1
  }
  if (!args.quiet) {
    say(`the configuration file ${places.confPath} syntax is ok`)
    say(`configuration file ${places.confPath} test is successful`)
  }
  if (args.dump) process.stdout.write(Buffer.from(dumpConfig(conf.files), 'latin1'))
  return 0
}

class ServerMaster {
  readonly #places: Places
  readonly #globals: string
  readonly #logs = new LogDestinations()
  #logger: ErrorLogger

  constructor(places: Places, globals: string) {
    this.#places = places
    this.#globals = globals
    this.#logger = createErrorLogger([{ destination: this.#logs.open(places.errorLog), level: 'notice' }])
  }

  async run(): Promise<number> {
    const first = this.#load()
    let pending: Generation | undefined = first
    const load = (): Generation => {
      const generation = pending ?? this.#load()
      pending = undefined
      return generation
    }
    const log = {
      log: (level: Parameters<ErrorLogger['log']>[0], message: string) => this.#logger.log(level, message),
    }
    const code = await new Master({ load, log, onReopenLogs: () => this.#logs.reopen() }).run()
    this.#logs.flush()
    return code
  }

  #load(): Generation {
    const places = this.#places
    const conf = readConf(places, this.#globals)
    const logs = new LogDestinations()
    const plan = planServer(conf, places, { logs })
    const targets = plan.main.list(errorLog)
    if (targets.length > 0) {
      this.#logger = createErrorLogger(
        targets.map(({ path, level }) => ({ destination: this.#logs.open(path), level })),
      )
    }
    for (const warning of plan.warnings)
      this.#logger.log('warn', warning.toString().replace(/^\[warn\] /, ''))
    return this.#generation(conf, plan)
  }

  #generation(conf: LoadedConf, plan: ServerPlan): Generation {
    const { main, apps, front } = plan
    const listeners: ListenerSpec[] = [...apps.listeners]
    const groups: WorkerGroup[] = [...apps.groups]
    const points = front?.listenPoints ?? []
    for (const point of points)
      listeners.push({ key: point.key, address: point.address, backlog: point.backlog, mode: 0o666 })
    if (points.length > 0) {
      const processes = main.get(workerProcesses)
      const boot: FrontBoot = {
        statements: conf.statements,
        places: this.#places,
        apps: [...apps.apps],
        defaultPort: plan.defaultPort,
      }
      groups.push({
        name: 'front',
        count: processes === 'auto' ? processorCount() : processes,
        program: workerProgram('front'),
        listeners: () => points.map((point) => point.key),
        output: 'inherit',
        boot,
        shutdownTimeoutMs: main.get(workerShutdownTimeout),
      })
    }
    const onActive = (): void => {
      for (const point of points) this.#logger.log('notice', `listening on ${point.key}`)
    }
    return { listeners, groups, pidFile: pidFile(main, this.#places), onActive }
  }
}
