/** `portico app`: the application server by itself, for a front of another make. */
import * as rows from '../app/app-directives.ts'
import { isExposed } from '../app/front-allowance.ts'
import type { ControlSocket } from '../io/control-socket.ts'
import { createErrorLogger, type LogLevel } from '../io/error-logger.ts'
import { isFile } from '../io/files/text-file.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { parseSocketAddress, SocketAddressError } from '../io/socket-address.ts'
import type { Generation } from '../process/generation.ts'
import { Master } from '../process/master.ts'
import { filePath } from '../util/file-path.ts'
import { appEnvironment } from './app-environment.ts'
import { AppUsageError, parseAppOptions, type AppOptions } from './app-options.ts'
import { serveControl } from './control.ts'
import { entryWorkers } from './entry-workers.ts'
import { helpText, usageText } from './help/help-text.ts'
import { appUser } from './main-directives.ts'

/** Of the one listener and of the group. */
const NAME = 'app'

/** Answers the exit code. */
export async function appCommand(argv: readonly string[]): Promise<number> {
  try {
    const options = parseAppOptions(argv)
    if (options) return await runMaster(planApp(options), options)
    process.stdout.write(helpText('app'))
    return 0
  } catch (error) {
    const wrong = error instanceof AppUsageError || error instanceof TypeError
    process.stderr.write(`portico: ${error instanceof Error ? error.message : String(error)}\n`)
    if (wrong) process.stderr.write(usageText('app'))
    return 1
  }
}

async function runMaster(generation: Generation, { controlPath, logLevel }: AppOptions): Promise<number> {
  const logs = new LogDestinations()
  const logger = createErrorLogger([{ destination: logs.open('stderr'), level: logLevel }])
  const log = { log: (level: LogLevel, message: string) => logger.log(level, message) }
  let control: ControlSocket | undefined
  const onActive = (): void => {
    if (controlPath === undefined || control !== undefined) return
    const address = { kind: 'unix', path: controlPath } as const
    const warn = (message: string): void => logger.log('warn', message)
    // one group, whatever name it is asked for by
    void serveControl(master, address, () => NAME, warn).then((socket) => (control = socket))
  }
  const master = new Master({ load: () => ({ ...generation, onActive }), log })
  const code = await master.run()
  control?.close()
  logs.flush()
  return code
}

/** @throws AppUsageError */
function planApp({ scope, pidFile, shutdownTimeoutMs }: AppOptions): Generation {
  const { address: text, mode } = scope.own(rows.appListen) ?? { address: '', mode: 0o660 }
  const entry = filePath(scope.own(rows.entry) ?? '')
  if (!isFile(entry)) throw new AppUsageError(`app: entry "${entry}" is no file`)
  if (scope.list(rows.appAllow).length === 0 && isExposed(text))
    throw new AppUsageError(
      `app: ${text} is reachable from other machines: name who may connect with --allow`,
    )
  const workers = entryWorkers(scope, {
    name: NAME,
    entry,
    cwd: scope.own(rows.cwd) ?? process.cwd(),
    worksAs: scope.own(appUser),
    shutdownTimeoutMs,
    env: appEnvironment(scope),
    listeners: () => [NAME],
    upgradeKeys: [],
    sharedKey: NAME,
    ways: () => [],
  })
  return { listeners: [{ key: NAME, address: listenAddress(text), mode }], groups: [workers], pidFile }
}

function listenAddress(text: string): ReturnType<typeof parseSocketAddress> {
  try {
    return parseSocketAddress(text)
  } catch (error) {
    if (error instanceof SocketAddressError) throw new AppUsageError(`app: ${error.message}`)
    throw error
  }
}
