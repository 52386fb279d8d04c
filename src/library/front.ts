/** One compiled conf and the connections that it answers. */
import { app } from '../app/app-directives.ts'
import { bindConf, bodyFolder, type LoadedConf, type Places } from '../cli/load-conf.ts'
import { events, workerConnections } from '../cli/main-directives.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Scope } from '../config/scope.ts'
import { compileFront, type CompiledFront } from '../front/compile/compile-front.ts'
import { http } from '../front/core-directives.ts'
import { HttpServer } from '../front/http-server.ts'
import type { ListenPoint } from '../front/server-config.ts'
import { LogDestinations } from '../io/log-destination.ts'
import type { InProcessApps } from './in-process-apps.ts'
import type { LogLine } from './log-line.ts'

/** Where no `listen` says a port, as for a user that may not bind those below 1024. */
const DEFAULT_PORT = 8000

/** @throws ConfigError */
export function compileFor(
  { conf, places }: { readonly conf: LoadedConf; readonly places: Places },
  apps: InProcessApps,
  onLog: LogLine = () => undefined,
): Front {
  const { main, warnings } = bindConf(conf.statements, places)
  for (const { value: name, statement } of main.blocks(app))
    if (!apps.peers.has(name))
      throw new ConfigError(`app "${name}" needs processes: give it in "applications"`, statement)
  const [block] = main.blocks(http)
  if (!block) throw new ConfigError('there is no "http" block', { file: places.confPath, line: 0 })
  const logs = new LogDestinations()
  const compiled = compileFront(block.scope, {
    prefix: places.prefix,
    confPath: places.confPath,
    logs,
    apps: apps.peers,
    defaultErrorLog: places.errorLog,
    defaultPort: DEFAULT_PORT,
  })
  for (const warning of [...warnings, ...compiled.warnings]) onLog('warn', warning.toString())
  return new Front(main, places, compiled, logs, onLog)
}

export class Front {
  readonly server: HttpServer
  readonly #compiled: CompiledFront
  readonly #logs: LogDestinations
  readonly onLog: LogLine

  constructor(main: Scope, places: Places, compiled: CompiledFront, logs: LogDestinations, onLog: LogLine) {
    this.#compiled = compiled
    this.#logs = logs
    this.onLog = onLog
    this.server = new HttpServer({
      maxConnections: main.blocks(events)[0]?.scope.get(workerConnections) ?? workerConnections.default,
      tempFolder: bodyFolder(places),
      hostname: 'localhost',
      groups: compiled.groups,
      droppedLines: () => logs.droppedLines,
    })
    compiled.followNames((message) => onLog('error', message))
    compiled.healthChecks.start()
  }

  get points(): readonly ListenPoint[] {
    return this.#compiled.listenPoints
  }

  /** Resolves when every connection has had its answers. */
  async close(): Promise<void> {
    this.#compiled.healthChecks.stop()
    await this.server.drain()
    this.#logs.flush()
    this.#logs.close()
  }
}
