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

function planApp(name: string, scope: Scope, places: Places, main: Scope, run: string): PlannedApp {
  const shutdownTimeoutMs = main.get(workerShutdownTimeout)
  const owner = main.get(user)
  const entry = scope.own(rows.entry)
  const command = scope.own(rows.command)
  const at = scope.statement as { file: string; line: number }
  if (entry === undefined && command === undefined)
    throw new ConfigError(`app "${name}" has neither "entry" nor "command"`, at)
  if (entry !== undefined && command !== undefined)
    throw new ConfigError(`app "${name}" has both "entry" and "command"`, at)
  const entryPlace = scope.find(rows.entry)?.statement
  if (entry !== undefined && entryPlace && !isFile(filePath(entry))) {
    throw new ConfigError(`entry "${entry}" of app "${name}" is no file`, entryPlace)
  }
  const wanted = scope.get(rows.workers)
  const { max: count } = wanted
  if (command !== undefined && wanted.min < count)
    throw new ConfigError(`app "${name}" has a "command", whose "workers" is a number`, at)
  const given = sharedListener(name, scope)
  const addresses =
    command !== undefined && given
      ? [commandListener(given, count, places, at)]
      : Array.from({ length: count }, (_, index) =>
          privateAddress(
            command === undefined ? `${name}.${index}` : `${name}.command/${index}${run}`,
            places,
          ),
        )
  const env = appEnvironment(scope)
  const cwd = scope.own(rows.cwd) ?? scope.own(rows.workingDirectory) ?? places.prefix
  const worksAs = scope.own(appUser) ?? owner
  if (command !== undefined) {
    const groups = addresses.map((address, index): WorkerGroup => {
      const argv = command.map((word) => fillAddress(word, address)) as [string, ...string[]]
      const program = {
        kind: 'command',
        argv,
        cwd,
        user: worksAs,
        umask: scope.own(rows.umask),
        address,
        ownsAddress: given === undefined,
      } as const
      return {
        name: count === 1 ? `app:${name}` : `app:${name}:${index}`,
        count: 1,
        program,
        listeners: () => [],
        boot: null,
        env,
        shutdownTimeoutMs,
      }
    })
    const upgradeAddresses = scope.get(rows.protocol) === 'http' ? addresses : []
    return { listeners: [], groups, addresses, upgradeAddresses }
  }
  const shared = given
  const upgradeAddresses = addresses.map((_, index) => privateAddress(`${name}.${index}.http`, places))
  const upgradeKeys = addresses.map((_, index) => `app:${name}#${index} http`)
  const ways = (index: number): Way[] =>
    [addresses[index], upgradeAddresses[index]].flatMap((address) => (address ? wayTo(address) : []))
  const group = entryWorkers(scope, {
    name: `app:${name}`,
    entry: entry ?? '',
    cwd,
    worksAs,
    shutdownTimeoutMs,
    env,
    listeners: (index) => [
      `app:${name}#${index}`,
      `app:${name}#${index} http`,
      ...(shared ? [shared.key] : []),
    ],
    upgradeKeys,
    sharedKey: shared?.key,
    ways,
  })
  const own = [
    ...addresses.map((address, index) => privateListener(`app:${name}#${index}`, address, owner)),
    ...upgradeAddresses.map((address, index) => privateListener(`app:${name}#${index} http`, address, owner)),
  ]
  const reached = group.elastic
    ? { addresses: addresses.map(wayAddress), upgradeAddresses: upgradeAddresses.map(wayAddress) }
    : { addresses, upgradeAddresses }
  return { listeners: shared ? [...own, shared] : own, groups: [group], ...reached }
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
