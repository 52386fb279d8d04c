/** Gathers the servers of each listening address and builds the tables that choose among them by name. */
import type { Statement } from '../../config/ast.ts'
import { ConfigError } from '../../config/config-error.ts'
import { Pcre } from '../../config/pcre.ts'
import type { Scope } from '../../config/scope.ts'
import * as core from '../core-directives.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import type { Listen } from '../listen.ts'
import type { ListenPoint, Server } from '../server-config.ts'
import { ServerNames } from '../server-names.ts'
import { namedGroups, type AssignNames } from '../captures.ts'
import type { VariableTable } from '../variable-table.ts'
import type { PlacedListen } from './compile-front.ts'
import type { CompileObserver } from './compile-observer.ts'

/** Accept queue of a listening socket (nginx's default on Linux). */
const DEFAULT_BACKLOG = 511

class PointBuilder {
  readonly key: string
  address: SocketAddress
  keepaliveIdleSeconds: number | undefined
  readonly first: Server
  backlog = DEFAULT_BACKLOG
  hasOptions = false
  proxyProtocol = false
  ssl = false
  /** With the block of each, in the order of the conf. */
  readonly servers: { readonly server: Server; readonly block: Statement }[] = []
  defaultServer: Server | undefined
  readonly exact = new Map<string, Server>()
  readonly suffixes = new Map<string, Server>()
  readonly prefixes = new Map<string, Server>()
  readonly regexes: { regex: Pcre; server: Server; assign: AssignNames | undefined }[] = []

  constructor(key: string, address: SocketAddress, first: Server) {
    this.key = key
    this.address = address
    this.first = first
  }

  build(observer: CompileObserver | undefined): ListenPoint {
    const defaultServer = this.defaultServer ?? this.first
    return {
      key: this.key,
      address: this.address,
      backlog: this.backlog,
      keepaliveIdleSeconds: this.keepaliveIdleSeconds,
      proxyProtocol: this.proxyProtocol,
      ssl: this.#speaksTls(defaultServer),
      names: observer?.serverNames(this, defaultServer) ?? new ServerNames(this, defaultServer),
      defaultServer,
    }
  }

  /** @throws ConfigError where a client could be shown no certificate (ngx_http_ssl_init) */
  #speaksTls(defaultServer: Server): boolean {
    if (!this.ssl && !defaultServer.tls.enabled) return false
    if (defaultServer.tls.context) return true
    const rejects = defaultServer.tls.rejectHandshake
    const bare = this.servers.find(({ server: { tls }, server }) =>
      rejects ? !tls.context && !tls.rejectHandshake : server === defaultServer,
    )
    if (bare) {
      const place = `${bare.block.file}:${bare.block.line}`
      throw new ConfigError(`no "ssl_certificate" is defined for the "listen ... ssl" directive in ${place}`)
    }
    return true
  }
}

function addressOf({ key, host, port, dualStack }: Listen): SocketAddress {
  return key.startsWith('unix:') ? { kind: 'unix', path: host } : { kind: 'tcp', host, port, dualStack }
}

export class ListenTable {
  readonly warnings: ConfigError[] = []
  readonly #points = new Map<string, PointBuilder>()
  readonly #variables: VariableTable
  readonly #observer: CompileObserver | undefined

  constructor(variables: VariableTable, observer?: CompileObserver) {
    this.#variables = variables
    this.#observer = observer
  }

  add(server: Server, listens: readonly PlacedListen[], scope: Scope, block: Statement): void {
    const own = new Set<string>()
    for (const { listen, statement = block } of listens) {
      if (own.has(listen.key)) throw new ConfigError(`a duplicate listen ${listen.key}`, statement)
      own.add(listen.key)
      let point = this.#points.get(listen.key)
      if (!point)
        this.#points.set(listen.key, (point = new PointBuilder(listen.key, addressOf(listen), server)))
      if (listen.set) {
        if (point.hasOptions) throw new ConfigError(`duplicate listen options for ${listen.key}`, statement)
        point.hasOptions = true
        point.backlog = listen.backlog ?? DEFAULT_BACKLOG
        point.address = addressOf(listen)
        point.keepaliveIdleSeconds = listen.keepaliveIdleSeconds
      }
      if (listen.proxyProtocol) point.proxyProtocol = true
      if (listen.ssl) point.ssl = true
      point.servers.push({ server, block })
      if (listen.defaultServer) {
        if (point.defaultServer)
          throw new ConfigError(`a duplicate default server for ${listen.key}`, statement)
        point.defaultServer = server
      }
      this.#addNames(point, server, scope, block)
    }
  }

  #addNames(point: PointBuilder, server: Server, scope: Scope, block: Statement): void {
    const bounds = scope.findList(core.serverName)
    for (const bound of bounds) {
      for (const name of bound.value as readonly string[]) this.#addName(point, name, server, bound.statement)
    }
    if (bounds.length === 0) this.#claim(point, point.exact, '', server, block)
  }

  #addName(point: PointBuilder, written: string, server: Server, at: Statement): void {
    const name = written.toLowerCase()
    if (written.startsWith('~')) {
      const regex = new Pcre(written.slice(1), { caseless: true })
      point.regexes.push({ regex, server, assign: namedGroups(regex, this.#variables) })
      return
    }
    if (name.startsWith('.')) {
      this.#claim(point, point.exact, name.slice(1), server, at)
      this.#claim(point, point.suffixes, name, server, at)
    } else if (name.startsWith('*.')) this.#claim(point, point.suffixes, name.slice(1), server, at)
    else if (name.endsWith('.*')) this.#claim(point, point.prefixes, name.slice(0, -1), server, at)
    else if (name.includes('*'))
      throw new ConfigError(`invalid server name or wildcard "${written}" on ${point.key}`, at)
    else this.#claim(point, point.exact, name.replace(/\.$/, ''), server, at)
  }

  #claim(point: PointBuilder, names: Map<string, Server>, name: string, server: Server, at: Statement): void {
    const owner = names.get(name)
    if (owner === server) return
    if (owner) {
      this.warnings.push(
        new ConfigError(`conflicting server name "${name}" on ${point.key}, ignored`, at, 'warn'),
      )
    } else names.set(name, server)
  }

  listenPoints(): ListenPoint[] {
    return [...this.#points.values()].map((point) => point.build(this.#observer))
  }
}
