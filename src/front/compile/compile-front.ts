/** From a bound conf to everything that a front worker serves from. */
import type { Statement } from '../../config/ast.ts'
import type { ComplexValue } from '../../config/complex-value.ts'
import { ConfigError } from '../../config/config-error.ts'
import { dirname } from '../../config/path.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { ConfFiles } from '../../io/files/conf-files.ts'
import { newTicketKey } from '../../io/tls/ticket-keys.ts'
import type { LogDestinations } from '../../io/log-destination.ts'
import * as core from '../core-directives.ts'
import type { CompileContext, LocationShape } from '../front-module.ts'
import type { Listen } from '../listen.ts'
import { NO_LISTEN_OPTIONS } from '../listen-options.ts'
import { defineCgiVariables } from '../modules/cgi-pass.ts'
import { declareCaptures } from './declare-captures.ts'
import { defineProxyVariables } from '../modules/proxy-pass.ts'
import type { ListenPoint, LocationSettings, PhaseHandler, Server } from '../server-config.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import { TlsCompiler, type TlsMaterial } from '../tls/compile-tls.ts'
import { compileHealthChecks } from '../upstream/health/compile-health.ts'
import type { HealthChecks } from '../upstream/health/health-checks.ts'
import type { PeerGroup } from '../upstream/peer-group.ts'
import { UpstreamGroups, type Apps } from '../upstream/upstream-groups.ts'
import { compileValue, type Value } from '../value.ts'
import { coreVariables } from '../variables.ts'
import { LocalZones } from '../zones/local-zones.ts'
import type { Zones } from '../zones/zones.ts'
import type { CompileObserver } from './compile-observer.ts'
import { compileLocations, compileOuter, observed, type SettingsOf } from './compile-location.ts'
import { compileLogFormats, compileSettings } from './compile-settings.ts'
import { frontModules } from './front-modules.ts'
import { ListenTable } from './listen-table.ts'

export interface CompileFrontOptions {
  /** Folder of `-p`, absolute. */
  readonly prefix: string
  /** The main conf file. */
  readonly confPath: string
  readonly logs: LogDestinations
  readonly apps: Apps
  /** `-e`: absolute path or `stderr`. */
  readonly defaultErrorLog: string
  /** Port of a server without `listen`: 80 for root, 8000 otherwise (nginx). */
  readonly defaultPort: number
  /** What a master shares with its workers; made anew where it is missing. */
  readonly tls?: TlsMaterial | undefined
  /** Who looks on: `portico explain`. */
  readonly observer?: CompileObserver
  /** Connects there instead of to any upstream. */
  readonly dialTo?: SocketAddress
  /** What the workers share; a worker alone, and who only looks at the conf, has its own. */
  readonly zones?: Zones
}

export interface CompiledFront {
  readonly listenPoints: readonly ListenPoint[]
  readonly warnings: readonly ConfigError[]
  /** Settings outside all servers, for lines that concern none. */
  readonly settings: LocationSettings
  /** Upstream groups with a name: blocks and applications. */
  readonly groups: readonly PeerGroup[]
  /** Whether there is anything that workers would share. */
  readonly usesZones: boolean
  /** Not started: a worker that serves does. */
  readonly healthChecks: HealthChecks
  /** Begins to ask for the addresses of upstreams that have names; `onFault` hears of those that are lost. */
  readonly followNames: (onFault: (message: string) => void) => void
}

/** @throws ConfigError for the first fault. */
export function compileFront(http: Scope, options: CompileFrontOptions): CompiledFront {
  const context = new FrontCompileContext(http, options)
  declareCaptures(http, context)
  const finishers = frontModules.flatMap((module) => module.declare?.(http, context) ?? [])
  for (const finish of finishers) finish()
  context.upstreams.finish()
  const formats = compileLogFormats(http, context)
  const settingsOf: SettingsOf = (scope) => {
    const settings = compileSettings(scope, context, formats)
    for (const module of frontModules) module.remember?.(scope, context, settings)
    return settings
  }
  const tls = new TlsCompiler(context, options.tls ?? { files: context.files, ticketKey: newTicketKey() })
  const table = new ListenTable(context.variables, options.observer)
  const servers = new Map<Scope, Server>()
  for (const block of http.blocks(core.server)) {
    const server = compileServer(block.scope, block.statement, context, settingsOf, tls)
    servers.set(block.scope, server)
    table.add(server, listensOf(block.scope, options.defaultPort), block.scope, block.statement)
  }
  const healthChecks = compileHealthChecks(http, context, servers)
  return {
    healthChecks,
    listenPoints: table.listenPoints(),
    warnings: [...context.warnings, ...table.warnings],
    settings: settingsOf(http),
    groups: context.upstreams.all(),
    usesZones: context.zones.used,
    followNames: (onFault) => context.upstreams.follow(onFault),
  }
}

class FrontCompileContext implements CompileContext {
  readonly variables = coreVariables()
  readonly warnings: ConfigError[] = []
  readonly logs: LogDestinations
  readonly upstreams: UpstreamGroups
  readonly prefix: string
  readonly confFolder: string
  readonly defaultErrorLog: string
  readonly observer: CompileObserver | undefined
  readonly files: ConfFiles
  readonly zones: Zones

  constructor(http: Scope, options: CompileFrontOptions) {
    const { prefix, confPath, logs, apps, defaultErrorLog, dialTo } = options
    this.observer = options.observer
    this.files = options.tls?.files ?? new ConfFiles()
    this.prefix = prefix
    this.confFolder = dirname(confPath)
    this.logs = logs
    this.defaultErrorLog = defaultErrorLog
    this.zones = options.zones ?? new LocalZones()
    this.upstreams = new UpstreamGroups(http, apps, {
      prefix,
      dialTo,
      zones: this.zones,
      warn: (message, at) => this.warn(message, at),
      keyOf: (value, at) => {
        const key = this.value(value, at)
        return (request) => key.evaluate(request)
      },
    })
    defineCgiVariables(this.variables)
    defineProxyVariables(this.variables)
  }

  value(value: ComplexValue | string, at: Statement): Value {
    try {
      return compileValue(value, this.variables)
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error), at)
    }
  }

  warn(message: string, at: Statement): void {
    this.warnings.push(new ConfigError(message, at, 'warn'))
  }

  fail(message: string, at: Statement): never {
    throw at.file === '' ? new ConfigError(message) : new ConfigError(message, at)
  }
}

const SERVER_SHAPE: LocationShape = {
  kind: 'server',
  prefix: '',
  label: 'server',
  conditional: new Map(),
}

export interface PlacedListen {
  readonly listen: Listen
  readonly statement: Statement | undefined
}

function listensOf(scope: Scope, defaultPort: number): PlacedListen[] {
  const bounds: readonly BoundStatement[] = scope.findList(core.listen)
  if (bounds.length > 0)
    return bounds.flatMap(({ value, statement }) =>
      (value as readonly Listen[]).map((listen) => ({ listen, statement })),
    )
  const key = `0.0.0.0:${defaultPort}`
  const listen = { ...NO_LISTEN_OPTIONS, key, host: '0.0.0.0', port: defaultPort }
  return [{ listen, statement: undefined }]
}

function serverHandlers(
  phase: 'postRead' | 'serverRewrite',
  scope: Scope,
  context: CompileContext,
): PhaseHandler[] {
  return frontModules.flatMap((module) => {
    const handler = module[phase]?.(scope, context, SERVER_SHAPE)
    return handler ? [observed(handler, SERVER_PHASES[phase], module, scope, context)] : []
  })
}

const SERVER_PHASES = { postRead: 'post-read', serverRewrite: 'server-rewrite' } as const

function compileServer(
  scope: Scope,
  statement: Statement,
  context: CompileContext,
  settingsOf: SettingsOf,
  tls: TlsCompiler,
): Server {
  const settings = settingsOf(scope)
  const place = `${statement.file}:${statement.line}`
  const { table, named } = compileLocations(scope, context, settingsOf)
  const buffers = scope.get(core.largeClientHeaderBuffers)
  const [name = ''] = scope.list(core.serverName).flat()
  return {
    name: name.startsWith('~') ? name : name.replace(/^\./, ''),
    settings,
    outer: compileOuter(scope, context, settings, place),
    serverRewrite: [
      ...serverHandlers('postRead', scope, context),
      ...serverHandlers('serverRewrite', scope, context),
    ],
    locations: table,
    named,
    limits: {
      lineBytes: buffers.size,
      headBytes: buffers.size * buffers.count,
      maxHeaders: scope.get(core.maxHeaders),
      underscores: scope.get(core.underscoresInHeaders),
      ignoreInvalid: scope.get(core.ignoreInvalidHeaders),
      strict: scope.get(core.strictHttp),
    },
    headerTimeoutMs: scope.get(core.clientHeaderTimeout),
    tls: tls.compile(scope),
    mergeSlashes: scope.get(core.mergeSlashes),
    place,
  }
}
