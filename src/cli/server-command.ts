/** `portico [-t] [-c conf] ...`: the master of front and application workers. */
import { ConfigError } from '../config/config-error.ts'
import { dumpConfig } from '../config/dump.ts'
import { VERSION } from '../front/special-response.ts'
import { errorLog } from '../front/modules/log.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { DAEMON_VARIABLE, startDaemon } from '../process/daemon.ts'
import { HANDOVER_VARIABLE, readHandover } from '../process/handover.ts'
import { machineName } from '../process/machine.ts'
import { sendSignal, SignalError } from '../process/send-signal.ts'
import { NOTIFY_VARIABLE } from '../process/systemd.ts'
import { parseServerArguments, UsageError, type ServerArguments } from './arguments.ts'
import { overviewText, unknownCommand } from './help/help-text.ts'
import { nextStep } from './next-step.ts'
import { bindConf, placesOf, readConf, type LoadedConf, type Places } from './load-conf.ts'
import { daemon } from './main-directives.ts'
import { isSingleExecutable, ownArguments } from './own-program.ts'
import { pidFile, planServer } from './plan-server.ts'
import { ServerMaster, type Origin } from './server-master.ts'

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
    const [word] = argv
    if (word === undefined || word.startsWith('-')) say(error.message)
    else process.stderr.write(unknownCommand(word))
    return 1
  }
  if (args.help) process.stderr.write(`portico version: portico/${VERSION}\n${overviewText()}`)
  else if (args.version) process.stderr.write(`portico version: portico/${VERSION}\n`)
  else if (args.build)
    process.stderr.write(
      `portico version: portico/${VERSION}\n` +
        `${isSingleExecutable ? 'a single executable with' : 'built for Node.js, running on'} ${process.version}\n`,
    )
  else return withConf(args)
  return 0
}

async function withConf(args: ServerArguments): Promise<number> {
  const places = placesOf(args, process.cwd())
  try {
    if (args.signal) return signalCommand(args.signal, places, args.directives)
    if (args.test) return testCommand(args, places)
    return await startServer(args, places)
  } catch (error) {
    if (!(error instanceof SignalError)) throw error
    process.stderr.write(`portico: [error] ${error.message}\n${nextStep(error.message)}`)
    return 1
  }
}

async function startServer(args: ServerArguments, places: Places): Promise<number> {
  const origin = takeOrigin()
  if (
    origin.daemon ||
    origin.handover ||
    !bindConf(readConf(places, args.directives).statements, places).main.get(daemon)
  )
    return new ServerMaster(places, args.directives, origin).run()
  return detach(args, places, origin)
}

/** What earlier processes said to this one; nobody below it is to hear it. */
function takeOrigin(): Origin {
  const { [HANDOVER_VARIABLE]: handover, [DAEMON_VARIABLE]: started } = process.env
  Reflect.deleteProperty(process.env, HANDOVER_VARIABLE)
  Reflect.deleteProperty(process.env, DAEMON_VARIABLE)
  const invocation = {
    executable: process.execPath,
    args: ownArguments(process.argv.slice(2)),
    env: { ...process.env },
  }
  // its successor is told by the environment kept above; workers are not
  Reflect.deleteProperty(process.env, NOTIFY_VARIABLE)
  return { invocation, handover: readHandover(handover), daemon: started !== undefined }
}

/** `daemon on`: the conf is judged here, where there is somebody to read it. @throws ConfigError */
function detach(args: ServerArguments, places: Places, { invocation }: Origin): Promise<number> {
  const checked = new LogDestinations(machineName())
  const { main } = planServer(readConf(places, args.directives), places, { logs: checked })
  checked.close()
  const [target] = main.list(errorLog)
  const path = target?.path ?? places.errorLog
  return startDaemon(invocation, path, (text) => process.stderr.write(text))
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

function testCommand(args: ServerArguments, places: Places): number {
  let conf: LoadedConf | undefined
  try {
    conf = readConf(places, args.directives)
    const plan = planServer(conf, places)
    for (const warning of plan.warnings) process.stderr.write(`portico: ${warning.toString()}\n`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const warning of error.earlier) process.stderr.write(`portico: ${warning.toString()}\n`)
    process.stderr.write(`portico: ${error.toString()}\n${nextStep(error.message)}`)
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
