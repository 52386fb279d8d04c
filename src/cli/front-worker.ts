/** A front worker: compiles the conf of its generation and serves the sockets that it inherited. */
import { machineName } from '../process/machine.ts'
import type { Statement } from '../config/ast.ts'
import { compileFront } from '../front/compile/compile-front.ts'
import { http } from '../front/core-directives.ts'
import { HttpServer } from '../front/http-server.ts'
import type { Apps, AppPeers } from '../front/upstream/upstream-groups.ts'
import { KeeperSocketTransport } from '../front/zones/keeper-socket.ts'
import { SharedZones } from '../front/zones/shared-zones.ts'
import { listenFd, type Listener } from '../io/listener.ts'
import { ConfFiles, type ConfFileEntry } from '../io/files/conf-files.ts'
import { descriptorLimit } from '../io/descriptor-limit.ts'
import { LogDestinations } from '../io/log-destination.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { WorkerContext, WorkerProgramme, WorkerService } from '../process/worker.ts'
import { bindConf, bodyFolder, type Places } from './load-conf.ts'
import { workerConnections, workerRlimitNofile, events } from './main-directives.ts'
import { threadProgram } from './own-program.ts'

/** What of TLS the master has read and made. */
interface TlsBoot {
  readonly files: readonly ConfFileEntry[]
  /** Base64. */
  readonly ticketKey: string
}

/** What the master tells a front worker. The conf comes as a tree: files may have changed since. */
export interface FrontBoot {
  readonly statements: readonly Statement[]
  readonly places: Places
  readonly apps: readonly (readonly [name: string, peers: AppPeers])[]
  readonly defaultPort: number
  readonly tls: TlsBoot
  /** Where the keeper of zones listens; undefined where no worker shares anything. */
  readonly keeper?: SocketAddress | undefined
}

export const frontWorker: WorkerProgramme = {
  start: (boot, context) => startFront(boot as FrontBoot, context),
}

async function startFront(boot: FrontBoot, context: WorkerContext): Promise<WorkerService> {
  const { main } = bindConf(boot.statements, boot.places)
  const logs = new LogDestinations(machineName())
  const apps: Apps = new Map(boot.apps)
  const [block] = main.blocks(http)
  const zones = boot.keeper && sharedZones(boot.keeper, (level, text) => say(level, text))
  const say = (level: 'error' | 'notice', text: string): void =>
    compiled?.settings.errorLog.plain(level, text)
  const compiled = block
    ? compileFront(block.scope, {
        prefix: boot.places.prefix,
        confPath: boot.places.confPath,
        logs,
        apps,
        defaultErrorLog: boot.places.errorLog,
        defaultPort: boot.defaultPort,
        tls: {
          files: new ConfFiles(boot.tls.files),
          ticketKey: Buffer.from(boot.tls.ticketKey, 'base64'),
        },
        ...(zones && { zones }),
      })
    : undefined
  zones?.connect()
  compiled?.followNames((message) => say('error', message))
  compiled?.healthChecks.start()
  const eventScope = main.blocks(events)[0]?.scope
  const server = new HttpServer({
    maxConnections: connectionLimit(
      eventScope?.get(workerConnections) ?? workerConnections.default,
      main.get(workerRlimitNofile),
      context,
    ),
    tempFolder: bodyFolder(boot.places),
    hostname: machineName(),
    collect: () => context.collect(),
    groups: compiled?.groups ?? [],
    droppedLines: () => logs.droppedLines,
    passwordProgram: { path: threadProgram(), args: ['serve-passwords'] },
  })
  const listeners: Listener[] = []
  for (const point of compiled?.listenPoints ?? []) {
    const inherited = context.listeners.get(point.key)
    if (!inherited) throw new Error(`no socket for ${point.key} was handed over`)
    const onError = (error: NodeJS.ErrnoException): void => {
      compiled?.settings.errorLog.plain(
        'crit',
        `accept() on ${point.key} failed (${error.code ?? error.message})`,
      )
    }
    listeners.push(
      await listenFd(inherited.fd, (socket) => server.accept(point, socket), {
        backlog: point.backlog,
        onTransport:
          point.proxyProtocol || point.ssl
            ? undefined
            : (transport) => server.acceptTransport(point, transport),
        onError,
      }),
    )
  }
  return {
    drain: () => {
      compiled?.healthChecks.stop()
      for (const listener of listeners) listener.close()
      return server.drain()
    },
    counted: () => ({
      counters: server.figures.growth(server.figureSources),
      gauges: server.figures.gauges(server.figureSources),
    }),
    reopenLogs: () => logs.reopen(),
    close: () => logs.flush(),
  }
}

/** Descriptors that the runtime, the logs and the channel need. */
const RESERVED_DESCRIPTORS = 48

/** Without descriptors libuv accepts connections only to close them: we refuse earlier, and say so. */
function connectionLimit(wanted: number, rlimit: number | undefined, context: WorkerContext): number {
  const limit = descriptorLimit()
  if (rlimit !== undefined && limit < rlimit)
    context.log('alert', `setrlimit(RLIMIT_NOFILE, ${rlimit}) failed (1: Operation not permitted)`)
  const most = Math.max(1, limit - Math.min(RESERVED_DESCRIPTORS, Math.floor(limit / 2)))
  if (wanted <= most) return wanted
  if (context.index === 0)
    context.log('warn', `${wanted} worker_connections exceed open file resource limit: ${limit}`)
  return most
}

function sharedZones(
  keeper: SocketAddress,
  say: (level: 'error' | 'notice', text: string) => void,
): SharedZones {
  const transport = new KeeperSocketTransport(keeper)
  return new SharedZones({ transport, processId: process.pid, say })
}
