/** Builds the groups of peers: from `upstream` blocks, from applications, from single addresses. */
import type { Statement } from '../../config/ast.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { AnyDirective, BlockDirective, Directive, ListDirective } from '../../config/directive.ts'
import { millisecondsRow, numberRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { parseSeconds } from '../../util/duration.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import type { GroupSource } from './group-source.ts'
import { Peer, type PeerOptions } from './peer.ts'
import { PeerGroup, type Balancing } from './peer-group.ts'

export const upstream: BlockDirective<string> = {
  kind: 'block',
  name: 'upstream',
  contexts: ['http'],
  args: 1,
  syntax: 'name { ... }',
  doc: 'A group of servers that requests are passed to, in turn by weight.',
  opens: 'upstream',
  parse: ([name]) => name?.text ?? '',
}

type PeerRow = Omit<PeerOptions, 'address' | 'text'> & { readonly address: string }

const upstreamServer: ListDirective<PeerRow> = {
  kind: 'list',
  name: 'server',
  contexts: ['upstream'],
  args: { min: 1 },
  syntax: 'address [weight=number] [max_fails=number] [fail_timeout=time] [max_conns=number] [backup] [down]',
  doc: 'One server of the group.',
  parse: (args, at) => {
    const [address, ...options] = args.map((word) => word.text)
    const row = {
      address: address ?? '',
      weight: 1,
      maxFails: 1,
      failTimeoutMs: 10_000,
      maxConnections: 0,
      backup: false,
      down: false,
    }
    for (const option of options) {
      const [name, value = ''] = option.split('=', 2)
      const count = /^\d+$/.test(value) ? Number(value) : undefined
      const seconds = parseSeconds(value)
      if (option === 'backup') row.backup = true
      else if (option === 'down') row.down = true
      else if (name === 'weight' && count !== undefined && count > 0) row.weight = count
      else if (name === 'max_fails' && count !== undefined) row.maxFails = count
      else if (name === 'max_conns' && count !== undefined) row.maxConnections = count
      else if (name === 'fail_timeout' && seconds !== undefined) row.failTimeoutMs = seconds * 1000
      else at.fail(`invalid parameter "${option}"`)
    }
    return row
  },
}

const GROUP = { contexts: ['upstream'], inherit: false } as const

const keepalive = numberRow(
  { ...GROUP, name: 'keepalive', default: 0, doc: 'Idle connections that each worker keeps.' },
  { min: 1 },
)
const keepaliveRequests = numberRow({
  ...GROUP,
  name: 'keepalive_requests',
  default: 1000,
  doc: 'Requests on one kept connection.',
})
const keepaliveTime = millisecondsRow({
  ...GROUP,
  name: 'keepalive_time',
  default: 3_600_000,
  defaultText: '1h',
  doc: 'Longest age at which a connection is kept.',
})
const keepaliveTimeout = millisecondsRow({
  ...GROUP,
  name: 'keepalive_timeout',
  default: 60_000,
  defaultText: '60s',
  doc: 'How long a connection is kept idle.',
})

const leastConn: Directive<boolean> = {
  kind: 'single',
  ...GROUP,
  name: 'least_conn',
  args: 0,
  syntax: '',
  default: false,
  doc: 'The server with the fewest requests under way, by weight, is taken.',
  parse: () => true,
}

const zone: Directive<undefined> = {
  kind: 'single',
  ...GROUP,
  name: 'zone',
  args: [1, 2],
  syntax: 'name [size]',
  default: undefined,
  doc: 'Shared state of a group.',
  noEffect: 'each worker keeps its own count of a group',
  parse: () => undefined,
}

/** Rows inside `upstream { }`. */
export const upstreamDirectives: readonly AnyDirective[] = [
  upstreamServer,
  keepalive,
  keepaliveRequests,
  keepaliveTime,
  keepaliveTimeout,
  leastConn,
  zone,
]

const SINGLE = {
  weight: 1,
  maxFails: 0,
  failTimeoutMs: 10_000,
  maxConnections: 0,
  backup: false,
  down: false,
}

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
}

export class UpstreamGroups implements GroupSource {
  readonly #named = new Map<string, PeerGroup>()
  readonly #apps = new Map<string, PeerGroup>()
  readonly #appUpgrades = new Map<string, PeerGroup>()
  readonly #prefix: string
  readonly #dialTo: SocketAddress | undefined

  constructor(http: Scope, apps: Apps, { prefix, dialTo }: UpstreamGroupsOptions) {
    this.#prefix = prefix
    this.#dialTo = dialTo
    for (const { value: name, scope, statement } of http.blocks(upstream)) {
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
    const bound = scope.findList(upstreamServer)
    if (bound.length === 0) throw new ConfigError('no servers are inside upstream', statement)
    const peers = bound.map((item) => {
      const row = item.value as PeerRow
      const address = this.#parse(row.address, item.statement, 80)
      return new Peer({ ...row, address: this.#dialTo ?? address, text: addressText(address) })
    })
    const connections = scope.own(keepalive)
    if (connections === undefined) return new PeerGroup(name, peers, balancing(scope))
    return new PeerGroup(name, peers, balancing(scope), {
      keepalive: {
        connections,
        requests: scope.get(keepaliveRequests),
        timeMs: scope.get(keepaliveTime),
        timeoutMs: scope.get(keepaliveTimeout),
      },
    })
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
    const address = this.#parse(text, at, defaultPort)
    const peer = new Peer({ ...SINGLE, address: this.#dialTo ?? address, text: addressText(address) })
    return new PeerGroup(text, [peer], 'round robin')
  }

  #parse(text: string, at: Statement, defaultPort: number | undefined): SocketAddress {
    if (text.startsWith('unix:')) {
      const path = text.slice(5).replace(/:$/, '')
      if (path === '') throw new ConfigError(`no path in the unix domain socket in upstream "${text}"`, at)
      return { kind: 'unix', path: path.startsWith('/') ? path : `${this.#prefix}/${path}` }
    }
    const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+)(?::(\d{1,5}))?$/.exec(text)
    const host = match?.[1]
    if (!match || host === undefined) throw new ConfigError(`invalid host in upstream "${text}"`, at)
    const port = match[2] === undefined ? defaultPort : Number(match[2])
    if (port === undefined) throw new ConfigError(`no port in upstream "${text}"`, at)
    if (port < 1 || port > 65_535) throw new ConfigError(`invalid port in upstream "${text}"`, at)
    return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port }
  }
}

function balancing(scope: Scope): Balancing {
  return scope.own(leastConn) ? 'least connections' : 'round robin'
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
  const peers = addresses.map(
    (address) => new Peer({ ...SINGLE, address: dialTo ?? address, text: addressText(address) }),
  )
  return new PeerGroup(name, peers, 'least connections', {
    protocol,
    ...(!foreign && { keepalive: APP_KEEPALIVE }),
  })
}

function addressText(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
