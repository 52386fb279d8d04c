/** From a conf to what `portico dev` runs, and again whenever conf or project change. */
import { extname, join } from 'node:path'
import * as rows from '../app/app-directives.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Scope } from '../config/scope.ts'
import { AppThread, type AppThreadOptions } from '../dev/app-thread.ts'
import { DevLogs, type DevLog } from '../dev/dev-log.ts'
import { DevObserver } from '../dev/dev-observer.ts'
import { DevServer } from '../dev/dev-server.ts'
import { leftDirectives } from '../dev/left-directives.ts'
import { ProjectWatcher } from '../dev/project-watcher.ts'
import { compileFront, type CompiledFront } from '../front/compile/compile-front.ts'
import { http } from '../front/core-directives.ts'
import type { ListenPoint } from '../front/server-config.ts'
import type { AppPeers } from '../front/upstream/upstream-groups.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import { machineName } from '../process/machine.ts'
import { appEnvironment } from './app-environment.ts'
import type { WorkerGroup } from '../process/generation.ts'
import { planApps } from './app-plan.ts'
import { DevProgram, type DevProgramOptions } from './dev-program.ts'
import { bindConf, bodyFolder, readConf, type LoadedConf, type Places } from './load-conf.ts'
import { privateAddress } from './private-address.ts'
import { threadProgram } from './own-program.ts'

export interface DevSessionOptions {
  readonly places: Places
  readonly log: DevLog
  /** In place of the conf's addresses. */
  readonly port: number | undefined
  readonly host: string
  /** What applications see. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How long requests under way have when a thread is replaced. */
const DRAIN_MS = 10_000
/** Read while an application runs, and kept by some. */
const READ_LATER = new Set(['.html', '.json', '.yaml', '.yml', '.env', '.sql', '.md', '.txt'])
/** What may mend an application that did not start. */
const SOURCES = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.tsx', '.jsx', '.wasm', '.node'])

interface DevPlan {
  readonly conf: LoadedConf
  readonly front: CompiledFront | undefined
  readonly warnings: readonly ConfigError[]
}

export class DevSession {
  readonly #options: DevSessionOptions
  readonly #server: DevServer
  readonly #apps = new Map<string, AppThread>()
  readonly #programs = new Map<string, DevProgram>()
  #watcher: ProjectWatcher | undefined
  #confFiles: ReadonlySet<string> = new Set()
  /** Where each listening address of the conf really listens. */
  readonly #addresses = new Map<string, SocketAddress>()

  constructor(options: DevSessionOptions) {
    this.#options = options
    this.#server = new DevServer({
      log: options.log,
      tempFolder: bodyFolder(options.places),
      hostname: machineName(),
      passwordProgram: { path: threadProgram(), args: ['serve-passwords'] },
    })
  }

  /** Where it listens. */
  get addresses(): readonly SocketAddress[] {
    return [...this.#addresses.values()]
  }

  /** The applications' threads by name. */
  get apps(): ReadonlyMap<string, AppThread> {
    return this.#apps
  }

  /** @throws ConfigError, or the system's error where it cannot listen */
  async start(): Promise<void> {
    const { log, places } = this.#options
    const plan = this.#plan()
    log.line('warn', 'portico dev is for development, not for production: start `portico` there')
    this.#say(plan)
    await this.#use(plan)
    this.#watcher = new ProjectWatcher({
      root: places.prefix,
      ignored: [join(places.prefix, 'run')],
      onChange: (paths) => void this.#changed(paths),
      onLimit: (folders) => log.line('warn', `only ${folders} folders of the project are watched`),
    })
    for (const address of this.#addresses.values()) log.line('notice', `serving ${urlOf(address)}`)
  }

  async close(): Promise<void> {
    this.#watcher?.close()
    await this.#server.close()
    const apps = [...this.#apps.values(), ...this.#programs.values()]
    await Promise.all(apps.map((app) => app.close()))
  }

  #say({ conf, warnings }: DevPlan): void {
    const { log } = this.#options
    for (const warning of warnings) log.line('warn', warning.toString())
    for (const { reason, names } of leftDirectives(conf.statements))
      log.line('notice', `left to the front: ${names.join(', ')} (${reason})`)
  }

  /** @throws ConfigError */
  #plan(): DevPlan {
    const { places, log } = this.#options
    const conf = readConf(places, '')
    const { main, warnings } = bindConf(conf.statements, places)
    const { apps: planned, groups } = planApps(main, places, `.dev-${process.pid}`)
    const wanted = this.#wantedApps(main)
    const apps = new Map<string, AppPeers>(planned)
    for (const { name, protocol, link, upgradeLink } of wanted.values())
      apps.set(name, {
        protocol,
        addresses: [{ kind: 'unix', path: link }],
        upgradeAddresses: [{ kind: 'unix', path: upgradeLink }],
        foreign: true, // a connection that is kept would lead to a thread that is gone
      })
    const programs = this.#wantedPrograms(main, groups)
    const gates = new Map(
      [...wanted.keys(), ...programs.keys()].map((name) => {
        const app = (): AppThread | DevProgram | undefined => this.#apps.get(name) ?? this.#programs.get(name)
        return [name, { ready: () => app()?.ready() }]
      }),
    )
    const [block] = main.blocks(http)
    const front =
      block &&
      compileFront(block.scope, {
        prefix: places.prefix,
        confPath: places.confPath,
        logs: new DevLogs(log),
        apps,
        defaultErrorLog: places.errorLog,
        defaultPort: 8000,
        observer: new DevObserver(conf.statements, gates),
      })
    this.#wanted = wanted
    this.#wantsPrograms = programs
    return { conf, front, warnings: [...warnings, ...(front?.warnings ?? [])] }
  }

  #wanted: ReadonlyMap<string, AppThreadOptions> = new Map()
  #wantsPrograms: ReadonlyMap<string, DevProgramOptions> = new Map()

  /** Those of another make. */
  #wantedPrograms(main: Scope, groups: readonly WorkerGroup[]): Map<string, DevProgramOptions> {
    const { env, log } = this.#options
    const wanted = new Map<string, DevProgramOptions>()
    for (const { value: name, scope } of main.blocks(rows.app)) {
      if (scope.own(rows.command) === undefined) continue
      const own = groups.filter(
        (group) => group.name === `app:${name}` || group.name.startsWith(`app:${name}:`),
      )
      wanted.set(name, { name, groups: own, env, log })
    }
    return wanted
  }

  #wantedApps(main: Scope): Map<string, AppThreadOptions> {
    const { places, env, log } = this.#options
    const wanted = new Map<string, AppThreadOptions>()
    let cwd: string | undefined
    for (const { value: name, scope } of main.blocks(rows.app)) {
      const entry = scope.own(rows.entry)
      if (entry === undefined) continue
      const folder = scope.own(rows.cwd) ?? scope.own(rows.workingDirectory) ?? places.prefix
      if (folder !== (cwd ??= folder))
        log.line('warn', `app ${name} runs in ${cwd}: threads of one process have one current folder`)
      wanted.set(name, {
        name,
        entry,
        protocol: scope.get(rows.protocol),
        drainMs: DRAIN_MS,
        link: socketPath(name, places),
        upgradeLink: socketPath(`${name}.http`, places),
        program: threadProgram(),
        args: ['dev-app'],
        env: appEnvironment(scope, env),
        log,
      })
    }
    if (cwd !== undefined) process.chdir(cwd)
    return wanted
  }

  async #use({ conf, front }: DevPlan): Promise<void> {
    front?.followNames((message) => this.#options.log.line('error', message))
    this.#confFiles = new Set(conf.files.map(({ path }) => path))
    await this.#useApps()
    const points = front?.listenPoints ?? []
    this.#server.serve(points)
    await this.#listen(points)
  }

  async #useApps(): Promise<void> {
    for (const [name, app] of this.#apps) {
      const wanted = this.#wanted.get(name)
      if (wanted && isSame(wanted, app.options)) continue
      this.#apps.delete(name)
      await app.close()
    }
    for (const [name, options] of this.#wanted)
      if (!this.#apps.has(name)) this.#apps.set(name, new AppThread(options))
    await this.#usePrograms()
  }

  async #usePrograms(): Promise<void> {
    for (const [name, program] of this.#programs) {
      const wanted = this.#wantsPrograms.get(name)
      if (wanted && isSame(wanted, program.options)) continue
      this.#programs.delete(name)
      await program.close()
    }
    for (const [name, options] of this.#wantsPrograms)
      if (!this.#programs.has(name)) this.#programs.set(name, new DevProgram(options))
  }

  async #listen(points: readonly ListenPoint[]): Promise<void> {
    const { port, host } = this.#options
    const [first] = points.toSorted((a, b) => Number(a.ssl) - Number(b.ssl))
    const wanted = new Map<string, SocketAddress>()
    if (port !== undefined && first) wanted.set(first.key, { kind: 'tcp', host, port })
    else for (const point of points) wanted.set(point.key, point.address)
    if (port !== undefined && this.#addresses.size > 0) return // the port stays, whatever the conf says
    for (const key of this.#addresses.keys()) {
      if (wanted.has(key)) continue
      this.#addresses.delete(key)
      await this.#server.close(key)
    }
    for (const [key, address] of wanted) {
      if (!this.#addresses.has(key)) this.#addresses.set(key, await this.#server.listen(key, address))
    }
  }

  async #changed(paths: ReadonlySet<string>): Promise<void> {
    if ([...paths].some((path) => this.#confFiles.has(path))) await this.#reload()
    for (const program of this.#programs.values()) if (program.failed) program.start()
    for (const app of this.#apps.values()) {
      const cause = [...paths].find((path) => concerns(path, app))
      if (cause === undefined) continue
      this.#options.log.line('notice', `${cause} changed: app ${app.options.name} starts again`)
      app.restart()
    }
  }

  /** A conf with a fault changes nothing. */
  async #reload(): Promise<void> {
    const { log } = this.#options
    try {
      const plan = this.#plan()
      log.line('notice', 'the conf changed and is read again')
      this.#say(plan)
      await this.#use(plan)
    } catch (error) {
      const text = error instanceof ConfigError ? error.toString() : String(error)
      log.line('error', `the conf stays as it was: ${text}`)
    }
  }
}

function concerns(path: string, app: AppThread): boolean {
  if (app.files.has(path)) return true
  const extension = extname(path)
  return READ_LATER.has(extension) || path.includes('/.env') || (app.failed && SOURCES.has(extension))
}

function isSame<O extends AppThreadOptions | DevProgramOptions>(a: O, b: O): boolean {
  return JSON.stringify({ ...a, log: 0 }) === JSON.stringify({ ...b, log: 0 })
}

/** Of this process alone: another one may serve the same project. */
function socketPath(name: string, places: Places): string {
  const address = privateAddress(`dev-${process.pid}/${name}`, places)
  return address.kind === 'unix' ? address.path : ''
}

function urlOf(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  const host = address.host === '0.0.0.0' || address.host === '::' ? 'localhost' : address.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`
}
