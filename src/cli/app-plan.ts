/** From the `app { }` blocks to the sockets and processes that they ask for. */
import { resolve } from 'node:path'
import { isExposed } from '../app/front-allowance.ts'
import * as rows from '../app/app-directives.ts'
import { filePath } from '../util/file-path.ts'
import { isFile } from '../io/files/text-file.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Scope } from '../config/scope.ts'
import type { AppPeers, Apps } from '../front/upstream/upstream-groups.ts'
import { parseSocketAddress, SocketAddressError, type SocketAddress } from '../io/socket-address.ts'
import type { Owner } from '../io/owned-path.ts'
import type { UserIds } from '../io/user-database.ts'
import type { ListenerSpec, Way, WorkerGroup } from '../process/generation.ts'
import { appEnvironment } from './app-environment.ts'
import { entryWorkers } from './entry-workers.ts'
import type { Places } from './load-conf.ts'
import { appUser, user, workerShutdownTimeout } from './main-directives.ts'
import { privateAddress } from './private-address.ts'

export interface AppPlan {
  readonly listeners: readonly ListenerSpec[]
  readonly groups: readonly WorkerGroup[]
  /** What the front has to know. */
  readonly apps: Apps
}

/**
 * @param run is part of the paths that commands are told to listen on, which two of them cannot share: those of before
 *   a reload serve until those of after it do
 * @throws ConfigError
 */
export function planApps(main: Scope, places: Places, run = ''): AppPlan {
  const listeners: ListenerSpec[] = []
  const groups: WorkerGroup[] = []
  const apps = new Map<string, AppPeers>()
  for (const { value: name, scope, statement } of main.blocks(rows.app)) {
    if (apps.has(name)) throw new ConfigError(`duplicate app "${name}"`, statement)
    const planned = planApp(name, scope, places, main, run)
    listeners.push(...planned.listeners)
    groups.push(...planned.groups)
    apps.set(name, {
      protocol: scope.get(rows.protocol),
      addresses: planned.addresses,
      upgradeAddresses: planned.upgradeAddresses,
      foreign: scope.own(rows.command) !== undefined,
    })
  }
  return { listeners, groups, apps }
}

interface PlannedApp {
  readonly listeners: readonly ListenerSpec[]
  readonly groups: readonly WorkerGroup[]
  readonly addresses: SocketAddress[]
  readonly upgradeAddresses: SocketAddress[]
}

/** What a block says of its program, whichever kind that is. */
interface AppBlock {
  readonly name: string
  readonly scope: Scope
  readonly places: Places
  readonly main: Scope
  readonly run: string
  /** How many places it has at the most. */
  readonly count: number
  readonly given: ListenerSpec | undefined
  readonly env: ReturnType<typeof appEnvironment>
  readonly cwd: string
  readonly worksAs: UserIds | undefined
}

function planApp(name: string, scope: Scope, places: Places, main: Scope, run: string): PlannedApp {
  const entry = scope.own(rows.entry)
  const command = scope.own(rows.command)
  const at = placeOf(scope)
  const block: AppBlock = {
    name,
    scope,
    places,
    main,
    run,
    count: scope.get(rows.workers).max,
    given: sharedListener(name, scope),
    env: appEnvironment(scope),
    cwd: scope.own(rows.cwd) ?? scope.own(rows.workingDirectory) ?? places.prefix,
    worksAs: scope.own(appUser) ?? main.get(user),
  }
  if (entry !== undefined && command !== undefined)
    throw new ConfigError(`app "${name}" has both "entry" and "command"`, at)
  if (command !== undefined) return planCommand(block, command)
  if (entry !== undefined) return planEntry(block, entry)
  throw new ConfigError(`app "${name}" has neither "entry" nor "command"`, at)
}

function placeOf(scope: Scope): { file: string; line: number } {
  return scope.statement as { file: string; line: number }
}

function planCommand(block: AppBlock, command: readonly string[]): PlannedApp {
  const { name, scope, places, main, run, count, given, env, cwd, worksAs } = block
  if (scope.get(rows.workers).min < count)
    throw new ConfigError(`app "${name}" has a "command", whose "workers" is a number`, placeOf(scope))
  const addresses = given
    ? [commandListener(given, count, places, placeOf(scope))]
    : Array.from({ length: count }, (_, index) => privateAddress(`${name}.command/${index}${run}`, places))
  const groups = addresses.map((address, index): WorkerGroup => {
    const argv = command.map((word) => fillAddress(word, address)) as [string, ...string[]]
    const umask = scope.own(rows.umask)
    return {
      name: count === 1 ? `app:${name}` : `app:${name}:${index}`,
      count: 1,
      program: {
        kind: 'command',
        argv,
        cwd,
        user: worksAs,
        umask,
        address,
        ownsAddress: given === undefined,
      },
      listeners: () => [],
      boot: null,
      env,
      shutdownTimeoutMs: main.get(workerShutdownTimeout),
    }
  })
  const upgradeAddresses = scope.get(rows.protocol) === 'http' ? addresses : []
  return { listeners: [], groups, addresses, upgradeAddresses }
}

function planEntry(block: AppBlock, entry: string): PlannedApp {
  const { name, scope, places, main, count, given, env, cwd, worksAs } = block
  const entryPlace = scope.find(rows.entry)?.statement
  if (entryPlace && !isFile(filePath(entry)))
    throw new ConfigError(`entry "${entry}" of app "${name}" is no file`, entryPlace)
  const owner = main.get(user)
  const key = (index: number): string => `app:${name}#${index}`
  const upgradeKey = (index: number): string => `${key(index)} http`
  const addresses = Array.from({ length: count }, (_, index) => privateAddress(`${name}.${index}`, places))
  const upgradeAddresses = addresses.map((_, index) => privateAddress(`${name}.${index}.http`, places))
  const group = entryWorkers(scope, {
    name: `app:${name}`,
    entry,
    cwd,
    worksAs,
    shutdownTimeoutMs: main.get(workerShutdownTimeout),
    env,
    listeners: (index) => [key(index), upgradeKey(index), ...(given ? [given.key] : [])],
    upgradeKeys: addresses.map((_, index) => upgradeKey(index)),
    sharedKey: given?.key,
    ways: (index) =>
      [addresses[index], upgradeAddresses[index]].flatMap((address) => (address ? wayTo(address) : [])),
  })
  const own = [
    ...addresses.map((address, index) => privateListener(key(index), address, owner)),
    ...upgradeAddresses.map((address, index) => privateListener(upgradeKey(index), address, owner)),
  ]
  const reached = group.elastic
    ? { addresses: addresses.map(wayAddress), upgradeAddresses: upgradeAddresses.map(wayAddress) }
    : { addresses, upgradeAddresses }
  return { listeners: given ? [...own, given] : own, groups: [group], ...reached }
}

/** Where fronts connect to a place that may be empty: a link beside the socket. */
function wayAddress(address: SocketAddress): SocketAddress {
  return address.kind === 'unix' ? { kind: 'unix', path: `${address.path}.way` } : address
}

function wayTo(address: SocketAddress): Way[] {
  return address.kind === 'unix' ? [{ link: `${address.path}.way`, socket: address.path }] : []
}

function privateListener(key: string, address: SocketAddress, owner: Owner | undefined): ListenerSpec {
  return { key, address, mode: 0o600, makeDirectory: true, owner, ofPlace: true }
}

function sharedListener(name: string, scope: Scope): ListenerSpec | undefined {
  const row = scope.own(rows.appListen)
  const at = scope.find(rows.appListen)?.statement
  if (row === undefined || !at) return undefined
  const { address: text, mode } = row
  let address
  try {
    address = parseSocketAddress(text)
  } catch (error) {
    if (error instanceof SocketAddressError)
      throw new ConfigError(`${error.message} of the "listen" directive`, at)
    throw error
  }
  if (isExposed(text) && scope.own(rows.command) === undefined && scope.list(rows.appAllow).length === 0)
    throw new ConfigError(
      `"listen ${text}" of app "${name}" is reachable from other machines, and whoever reaches it can set every variable of a request: name who may with "allow"`,
      at,
    )
  return { key: `app:${name} ${text}`, address, mode }
}

/** `listen` of a command: where the program listens by its own conf (PHP-FPM's pool). */
function commandListener(
  { address }: ListenerSpec,
  count: number,
  { prefix }: Places,
  at: { readonly file: string; readonly line: number },
): SocketAddress {
  if (count > 1) throw new ConfigError('a "command" with "listen" has one worker: the address is one', at)
  return address.kind === 'unix' ? { kind: 'unix', path: resolve(prefix, address.path) } : address
}

/** `$app_address` as most programs write it, `$app_path` as those do that know a unix socket by its slash (uWSGI). */
function fillAddress(word: string, address: SocketAddress): string {
  const path = address.kind === 'unix' ? address.path : commandAddress(address)
  return word.replaceAll('$app_address', commandAddress(address)).replaceAll('$app_path', path)
}

/** How programs write it: `unix:/path` for unix sockets, `host:port` otherwise. */
function commandAddress(address: SocketAddress): string {
  return address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`
}
