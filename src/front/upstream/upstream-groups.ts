/** Builds the groups of peers: from `upstream` blocks, from applications, from single addresses. */
import type { Statement } from '../../config/ast.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { ResolveError } from '../../io/dns/name-resolver.ts'
import type { SocketAddress, TcpAddress } from '../../io/socket-address.ts'
import { leastConnections } from './balance/balancer.ts'
import { compileBalancing, type BalancingContext, type KeyOf } from './balance/compile-balancing.ts'
import { FollowedName, type FollowedServer } from './followed-name.ts'
import type { GroupSource } from './group-source.ts'
import { LearnedSessions } from './learned-sessions.ts'
import { Peer, type PeerOptions } from './peer.ts'
import { addressText, isNamed, parsePeerAddress } from './peer-address.ts'
import { PeerGroup, type PeerGroupOptions } from './peer-group.ts'
import { PeerQueue } from './peer-queue.ts'
import { Sticky, type Evaluate } from './sticky.ts'
import { sticky } from './sticky-row.ts'
import type { ComplexValue } from '../../config/complex-value.ts'
import { zoneSizes } from './zone-sizes.ts'
import type { PeerZone } from '../zones/peer-zone.ts'
import type { Zones } from '../zones/zones.ts'
import { resolverOf, type ScopeResolver } from './resolver-directives.ts'
import * as rows from './upstream-directives.ts'

/** A server that stands for itself: it is asked whatever happened before. */
const SINGLE = { ...rows.USUAL_PEER, maxFails: 0 }

/** An application's workers: where they listen and what they speak. */
export interface AppPeers {
  readonly protocol: string
  readonly addresses: readonly SocketAddress[]
  /**
   * Where requests with `Upgrade` go, over HTTP/1.1: of the worker whose address has the same index. Empty for a
   * program that speaks another protocol.
   */
  readonly upgradeAddresses?: readonly SocketAddress[]
  /** A program of another make: nothing is known of how it treats connections, so that each request gets a new one. */
  readonly foreign?: boolean
}

/** By the name of the `app { }`. */
export type Apps = ReadonlyMap<string, AppPeers>

export interface UpstreamGroupsOptions {
  /** Folder of `-p`, absolute. */
  readonly prefix: string
  /** Connects there instead of to any peer's own address. */
  readonly dialTo?: SocketAddress | undefined
  /** Compiles the key of `hash`. */
  readonly keyOf: KeyOf
  readonly warn: BalancingContext['warn']
  /** What workers share. */
  readonly zones: Zones
}

export class UpstreamGroups implements GroupSource {
  readonly #named = new Map<string, PeerGroup>()
  readonly #apps = new Map<string, PeerGroup>()
  readonly #appUpgrades = new Map<string, PeerGroup>()
  readonly #prefix: string
  readonly #dialTo: SocketAddress | undefined
  readonly #zones: Zones
  readonly #zoneSizes: ReadonlyMap<string, number>
  /** What is compiled when all variables are known. */
  readonly #later: (() => void)[] = []
  readonly #balancing: BalancingContext
  #followed: FollowedName[] = []

  constructor(http: Scope, apps: Apps, options: UpstreamGroupsOptions) {
    const { prefix, dialTo, keyOf, zones, warn } = options
    this.#prefix = prefix
    this.#balancing = { keyOf, warn, later: this.#later }
    this.#zones = zones
    this.#zoneSizes = zoneSizes(http)
    this.#dialTo = dialTo
    for (const { value: name, scope, statement } of http.blocks(rows.upstream)) {
      if (this.#named.has(name)) throw new ConfigError(`duplicate upstream "${name}"`, statement)
      this.#named.set(name, this.#group(name, scope, statement))
    }
    for (const [name, peers] of apps) {
      this.#apps.set(name, appGroup(name, peers, dialTo))
      const { upgradeAddresses: addresses = [] } = peers
      if (addresses.length === 0) continue
      this.#appUpgrades.set(name, appGroup(name, { protocol: 'http', addresses, foreign: true }, dialTo))
    }
  }

  #group(name: string, scope: Scope, statement: Statement): PeerGroup {
    const bound = scope.findList(rows.upstreamServer)
    if (bound.length === 0)
      throw new ConfigError('no servers are inside upstream', {
        ...statement,
        line: statement.endLine ?? statement.line,
      })
    const waiting: Promise<void>[] = []
    const servers = bound.map((item) => this.#server(item, scope))
    const balancer = compileBalancing(scope, bound, this.#balancing)
    if (bound.every(({ value }) => (value as rows.PeerRow).backup))
      throw new ConfigError(`no servers in upstream "${name}"`, statement)
    const group = new PeerGroup(
      name,
      servers.map(({ peers }) => peers),
      {
        ...keepaliveOf(scope),
        balancer,
        zone: this.#zone(name, scope),
        sticky: this.#sticky(scope),
        queue: queueOf(scope),
        resolve: () => Promise.race(waiting).then(() => undefined),
      },
    )
    servers.forEach(({ followed }, index) => {
      if (!followed) return
      const name = new FollowedName({ ...followed, group, index })
      this.#followed.push(name)
      waiting.push(name.first)
    })
    return group
  }

  /** Groups in one zone of the conf have cells of their own in it. */
  #zone(group: string, scope: Scope): PeerZone | undefined {
    const row = scope.own(rows.zone)
    return row && this.#zones.peers(`${row.name} ${group}`, this.#zoneSizes.get(row.name) ?? 0)
  }

  #sticky(scope: Scope): Sticky | undefined {
    const row = scope.own(sticky)
    const statement = scope.find(sticky)?.statement
    if (!row || !statement) return undefined
    const compiled = (value: ComplexValue): Evaluate => {
      let made: Evaluate | undefined
      this.#later.push(() => (made = this.#balancing.keyOf(value, statement)))
      return (request) => made?.(request) ?? ''
    }
    if (row.kind === 'route') return new Sticky(row.values.map(compiled))
    if (row.kind === 'learn') {
      const zone = this.#zones.blobs(`sticky ${row.zone}`, row.bytes)
      const { timeoutMs, atHead } = row
      const [create, lookup] = [row.create.map(compiled), row.lookup.map(compiled)]
      return new Sticky([], undefined, new LearnedSessions({ create, lookup, zone, timeoutMs, atHead }))
    }
    return new Sticky([compiled(cookieValue(row.name))], {
      ...row,
      domain: row.domain && compiled(row.domain),
      sameSite: row.sameSite && compiled(row.sameSite),
    })
  }

  /** Compiles what may hold variables: when all of them are known. */
  finish(): void {
    for (const compile of this.#later.splice(0)) compile()
  }

  /** One line of an `upstream { }`: its peers as far as they are known, and the name that has others. */
  #server(item: BoundStatement, scope: Scope): PlannedServer {
    const row = item.value as rows.PeerRow
    const { statement } = item
    const usualPort = row.service === undefined ? 80 : 1
    const address = parsePeerAddress(row.address, statement, this.#prefix, usualPort)
    const options = { ...row, server: row.address }
    const resolver = row.resolve ? requiredResolver(scope, row.address, statement) : undefined
    if (this.#dialTo || !isNamed(address))
      return { peers: [this.#peer(options, address)], followed: undefined }
    const { host, port } = address as TcpAddress
    const service = row.service?.startsWith('_') === false ? `_${row.service}._tcp` : row.service
    const followed = { host, port, options, resolver, service }
    return { peers: resolver ? [] : [this.#peer(options, address)], followed }
  }

  #peer(options: Omit<PeerOptions, 'address' | 'text'>, address: SocketAddress): Peer {
    return new Peer({ ...options, address: this.#dialTo ?? address, text: addressText(address) })
  }

  /** Begins to ask for the addresses of names; a worker that serves does, a test of the conf does not. */
  follow(onFault: (message: string) => void): void {
    for (const name of this.#followed) void name.follow(onFault)
    this.#followed = []
  }

  /** Those that have a name. */
  all(): PeerGroup[] {
    return [...this.#named.values(), ...this.#apps.values()]
  }

  named(name: string): PeerGroup | undefined {
    return this.#named.get(name)
  }

  app(name: string): PeerGroup | undefined {
    return this.#apps.get(name)
  }

  appUpgrades(name: string): PeerGroup | undefined {
    return this.#appUpgrades.get(name)
  }

  address(text: string, at: Statement, defaultPort?: number): PeerGroup {
    const address = parsePeerAddress(text, at, this.#prefix, defaultPort)
    const options = { ...SINGLE, server: text }
    const group = new PeerGroup(text, [[this.#peer(options, address)]])
    if (!this.#dialTo && isNamed(address)) {
      const { host, port } = address as TcpAddress
      const place = { group, index: 0, host, port, options }
      this.#followed.push(new FollowedName({ ...place, resolver: undefined, service: undefined }))
    }
    return group
  }

  evaluated(text: string, at: Statement, resolver: ScopeResolver, defaultPort?: number): PeerGroup {
    const address = parsePeerAddress(text, at, this.#prefix, defaultPort)
    const options = { ...SINGLE, server: text }
    if (this.#dialTo || !isNamed(address)) return new PeerGroup(text, [[this.#peer(options, address)]])
    const { host, port } = address as TcpAddress
    return new PeerGroup(text, [], {
      resolve: async () => {
        if (!resolver.names) throw new ResolveError(host, undefined)
        const { values } = await resolver.names.addresses(host, resolver.timeoutMs)
        const first = Math.floor(Math.random() * values.length)
        const turned = [...values.slice(first), ...values.slice(0, first)]
        return turned.map((found) => this.#peer(options, { kind: 'tcp', host: found, port }))
      },
    })
  }
}

interface PlannedServer {
  readonly peers: readonly Peer[]
  readonly followed: Omit<FollowedServer, 'group' | 'index'> | undefined
}

/** nginx wants a zone there as well; that its workers share what they find is of no use to ours. */
function requiredResolver(
  scope: Scope,
  name: string,
  at: Statement,
): NonNullable<FollowedServer['resolver']> {
  const { names, timeoutMs } = resolverOf(scope)
  if (!names)
    throw new ConfigError(`no resolver defined to resolve names at run time in upstream "${name}"`, at)
  return { names, timeoutMs }
}

function cookieValue(name: string): ComplexValue {
  const source = `cookie_${name}`
  return {
    source: `$${source}`,
    parts: [{ kind: 'variable', name: source, written: source }],
  }
}

function queueOf(scope: Scope): PeerQueue | undefined {
  const row = scope.own(rows.queue)
  return row && new PeerQueue(row.most, row.timeoutMs)
}

function keepaliveOf(scope: Scope): Pick<PeerGroupOptions, 'keepalive'> {
  const connections = scope.own(rows.keepalive)
  if (connections === undefined || connections === 0) return {}
  return {
    keepalive: {
      connections,
      requests: scope.get(rows.keepaliveRequests),
      timeMs: scope.get(rows.keepaliveTime),
      timeoutMs: scope.get(rows.keepaliveTimeout),
    },
  }
}

/** Shorter than an application server waits for a further request: it is we who close. */
const APP_KEEPALIVE = { connections: 64, requests: 10_000, timeMs: 3_600_000, timeoutMs: 30_000 }

/**
 * Workers are never taken out: the master holds their sockets, and what waits there while one is replaced is served
 * by its successor. Choosing the least busy one keeps most requests away from it meanwhile.
 */
function appGroup(
  name: string,
  { protocol, addresses, foreign }: AppPeers,
  dialTo: SocketAddress | undefined,
): PeerGroup {
  const peers = addresses.map((address) => {
    const text = addressText(address)
    return new Peer({ ...SINGLE, server: text, address: dialTo ?? address, text })
  })
  return new PeerGroup(
    name,
    peers.map((peer) => [peer]),
    { protocol, balancer: leastConnections, ...(!foreign && { keepalive: APP_KEEPALIVE }) },
  )
}
