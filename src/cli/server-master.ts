/** The master of `portico`: from the conf to generations of front and application workers. */
import { dirname } from 'node:path'
import { errorLog, type ErrorLogRow } from '../front/modules/log.ts'
import type { ControlSocket } from '../io/control-socket.ts'
import { createErrorLogger, type ErrorLogger, type LogLevel } from '../io/error-logger.ts'
import { ConfFiles } from '../io/files/conf-files.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Scope } from '../config/scope.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { makeOwnedFile, makeOwnedFolder, makeSocketFolder } from '../io/owned-path.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import { StartReport } from '../io/start-report.ts'
import { newTicketKey } from '../io/tls/ticket-keys.ts'
import type { UserIds } from '../io/user-database.ts'
import type { Generation, ListenerSpec, WorkerGroup, WorkerProgram } from '../process/generation.ts'
import type { Handover } from '../process/handover.ts'
import { machineName, processorCount } from '../process/machine.ts'
import { controlAddress, serveControl } from './control.ts'
import { Master } from '../process/master.ts'
import type { Invocation } from '../process/successor.ts'
import { NOTIFY_VARIABLE, notifyReady } from '../process/systemd.ts'
import { strerror } from '../util/strerror.ts'
import type { FrontBoot } from './front-worker.ts'
import { bodyFolder, readConf, type LoadedConf, type Places } from './load-conf.ts'
import { tempFolders } from './temp-folders.ts'
import { user, workerProcesses, workerShutdownTimeout } from './main-directives.ts'
import { pidFile, planServer, type ServerPlan } from './plan-server.ts'
import { workerSettings } from './worker-settings.ts'
import { nextStep } from './next-step.ts'
import { privateAddress } from './private-address.ts'
import { workerProgram } from './own-program.ts'

/** How this process came to be. */
export interface Origin {
  readonly invocation: Invocation
  /** From the master that started this one on USR2. */
  readonly handover: Handover | undefined
  /** Started by `daemon on` of another process, which waits for a report. */
  readonly daemon: boolean
}

export class ServerMaster {
  readonly #places: Places
  readonly #globals: string
  readonly #origin: Origin
  readonly #report: StartReport | undefined
  /** Tickets of TLS sessions outlive a reload. */
  readonly #ticketKey = newTicketKey()
  /** What the conf that was read last names. */
  #files = new ConfFiles()
  /** How often the conf was planned. */
  #loads = 0
  #logs = new LogDestinations(machineName())
  #logger: ErrorLogger
  #logsToStderr = true
  #serves = false
  #onServing: () => void = () => undefined
  #control: ControlSocket | undefined
  /** Files that workers log to. */
  #workerLogs: readonly string[] = []
  /** Whom workers become. */
  #owner: UserIds | undefined

  constructor(places: Places, globals: string, origin: Origin) {
    this.#places = places
    this.#globals = globals
    this.#origin = origin
    this.#report = origin.daemon ? new StartReport() : undefined
    this.#logger = createErrorLogger([{ destination: this.#logs.open(places.errorLog), level: 'notice' }])
  }

  /** @throws ConfigError where the conf of the start is wrong */
  async run(): Promise<number> {
    const first = this.#load()
    let pending: Generation | undefined = first
    const load = (): Generation => {
      const generation = pending ?? this.#loadAgain()
      pending = undefined
      return generation
    }
    const { handover, daemon, invocation } = this.#origin
    const master = new Master({
      load,
      log: { log: (level, message) => this.#log(level, message) },
      onReopenLogs: () => this.#reopenLogs(),
      invocation,
      handover,
      daemonized: daemon || handover !== undefined,
    })
    this.#onServing = () => this.#takeControl(master)
    const code = await master.run()
    this.#control?.close()
    this.#logs.flush()
    return code
  }

  /** At the start, and again at each reload while a master before this one answers there. */
  #takeControl(master: Master): void {
    if (this.#control !== undefined) return
    const warn = (message: string): void => this.#log('warn', message)
    void serveControl(master, controlAddress(this.#places), (app) => `app:${app}`, warn).then(
      (control) => (this.#control = control),
    )
  }

  /** Workers that became another user may write their logs but not make them. */
  #reopenLogs(): void {
    this.#logs.reopen()
    const owner = this.#owner
    if (!owner) return
    for (const path of this.#workerLogs) {
      try {
        makeOwnedFile(path, owner)
      } catch (error) {
        this.#logger.log('alert', `open() "${path}" failed (${strerror(error)})`)
      }
    }
  }

  /** Until it serves, whoever started it hears of what prevents it, wherever the log is. */
  #log(level: LogLevel, message: string): void {
    const isFault = !this.#serves && (level === 'emerg' || level === 'alert')
    const step = isFault ? nextStep(message) : ''
    if (isFault && this.#report === undefined && this.#logsToStderr) {
      this.#logger.log(level, `${message}\n${step.trim()}`.trimEnd()) // in one: the end of a process may turn two round
      return
    }
    this.#logger.log(level, message)
    if (!isFault) return
    const line = `portico: [${level}] ${message}\n${step}`
    if (this.#report) this.#report.say(line)
    else process.stderr.write(line)
  }

  /** @throws Error that says where in the conf the fault is */
  #loadAgain(): Generation {
    try {
      return this.#load()
    } catch (error) {
      throw error instanceof ConfigError ? new Error(error.located, { cause: error }) : error
    }
  }

  #load(): Generation {
    const places = this.#places
    const conf = readConf(places, this.#globals)
    const checked = new LogDestinations(machineName())
    const plan = this.#plan(conf, checked)
    this.#useErrorLogs(plan.main.list(errorLog))
    for (const warning of plan.warnings) this.#logger.log('warn', warning.located)
    return this.#generation(conf, plan)
  }

  /** That the logs can be opened is part of the check; the workers open them for themselves. */
  #plan(conf: LoadedConf, checked: LogDestinations): ServerPlan {
    this.#files = new ConfFiles()
    try {
      const tls = { files: this.#files, ticketKey: this.#ticketKey }
      const plan = planServer(conf, this.#places, {
        logs: checked,
        tls,
        run: `.${process.pid}-${this.#loads++}`,
      })
      this.#workerLogs = checked.files
      const owner = plan.main.get(user)
      for (const { program } of plan.apps.groups) makeFolderOf(program, owner)
      if (owner && plan.front) {
        makeOwnedFolder(bodyFolder(this.#places), owner)
        for (const folder of tempFolders(conf.statements, this.#places.prefix)) makeOwnedFolder(folder, owner)
      }
      return plan
    } finally {
      checked.close()
    }
  }

  #useErrorLogs(rows: readonly ErrorLogRow[]): void {
    const { errorLog: fallback } = this.#places
    const targets: readonly ErrorLogRow[] = rows.length > 0 ? rows : [{ path: fallback, level: 'notice' }]
    const before = this.#logs
    this.#logs = new LogDestinations(machineName())
    this.#logger = createErrorLogger(
      targets.map(({ path, level }) => ({ destination: this.#logs.open(path), level })),
    )
    this.#logsToStderr = targets.some(({ path }) => path === 'stderr')
    before.close()
  }

  #generation(conf: LoadedConf, plan: ServerPlan): Generation {
    const { main, apps, front } = plan
    const listeners: ListenerSpec[] = [...apps.listeners]
    const groups: WorkerGroup[] = [...apps.groups]
    const points = front?.listenPoints ?? []
    for (const point of points)
      listeners.push({ key: point.key, address: point.address, backlog: point.backlog, mode: 0o666 })
    const keeper = sharesZones(plan) ? this.#keeperAddress : undefined
    const owner = (this.#owner = main.get(user))
    if (keeper) listeners.push({ key: KEEPER, address: keeper, mode: 0o600, makeDirectory: true, owner })
    if (points.length > 0) groups.push(this.#frontGroup(conf, plan, keeper))
    const onActive = (): void => {
      for (const point of points) this.#logger.log('notice', `listening on ${point.key}`)
      this.#serves = true
      this.#report?.ready()
      this.#notify(points.map(({ key }) => key))
      this.#onServing()
    }
    const standing = owner && { user: owner, early: true }
    const lasting = keeper ? [{ ...KEEPER_GROUP, standing }] : []
    return { listeners, groups, lasting, pidFile: pidFile(main, this.#places), onActive }
  }

  #notify(keys: readonly string[]): void {
    const { env } = this.#origin.invocation
    if (env[NOTIFY_VARIABLE] === undefined) return
    notifyReady(env, `serving ${keys.join(' ')}`, (reason) =>
      this.#log('warn', `systemd does not hear that this serves: ${reason}; use Type=exec`),
    )
  }

  /** Of this master alone: one that takes over while this one still drains has a keeper of its own. */
  get #keeperAddress(): SocketAddress {
    return privateAddress(`keeper.${process.pid}`, this.#places)
  }

  #frontGroup(
    conf: LoadedConf,
    { main, apps, front, defaultPort }: ServerPlan,
    keeper: SocketAddress | undefined,
  ): WorkerGroup {
    const keys = (front?.listenPoints ?? []).map((point) => point.key)
    const boot: FrontBoot = {
      statements: conf.statements,
      places: this.#places,
      apps: [...apps.apps],
      defaultPort,
      tls: { files: this.#files.entries, ticketKey: this.#ticketKey.toString('base64') },
      keeper,
    }
    return {
      name: 'front',
      count: frontCount(main),
      program: workerProgram('front'),
      listeners: () => keys,
      output: 'inherit',
      boot,
      shutdownTimeoutMs: main.get(workerShutdownTimeout),
      ...workerSettings(main),
    }
  }
}

/** Where a command listens for fronts. */
function makeFolderOf(program: WorkerProgram, front: UserIds | undefined): void {
  if (program.kind !== 'command' || program.ownsAddress !== true || program.address.kind !== 'unix') return
  makeSocketFolder(dirname(program.address.path), program.user, front)
}

function frontCount(main: Scope): number {
  const processes = main.get(workerProcesses)
  return processes === 'auto' ? processorCount() : processes
}

/** A worker alone has nobody to share with. */
function sharesZones({ main, front }: ServerPlan): boolean {
  return front?.usesZones === true && front.listenPoints.length > 0 && frontCount(main) > 1
}

const KEEPER = 'keeper'

const KEEPER_GROUP: WorkerGroup = {
  name: KEEPER,
  count: 1,
  program: workerProgram('keeper'),
  listeners: () => [KEEPER],
  output: 'inherit',
  boot: null,
}
