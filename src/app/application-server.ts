/** The application server of one worker: listeners, their connections, and the way to the end. */
import { cgiHead, statusLineHead } from '../gateway/cgi-head.ts'
import { listenFd } from '../io/listener.ts'
import type { Listener } from '../io/listener.ts'
import type { Socket } from '../io/socket.ts'
import { after } from '../io/timer.ts'
import type { StartedTransport } from '../io/transport.ts'
import { ScgiRequestDecoder } from '../protocol/scgi/request-decoder.ts'
import { UwsgiRequestDecoder } from '../protocol/uwsgi/request-decoder.ts'
import { UpgradeConnection, upgradeServer } from './adapters/upgrade-connection.ts'
import type { UpgradeTarget } from './adapters/upgrade-connection.ts'
import type { AppConnection, AppConnectionOwner } from './app-connection.ts'
import { FastcgiConnection } from './fastcgi-connection.ts'
import { FrontAllowance } from './front-allowance.ts'
import { HttpConnection } from './http-connection.ts'
import { Site } from './site.ts'
import type { SiteOptions } from './site.ts'
import { SingleRequestConnection } from './single-request-connection.ts'

/** What the workers speak with their fronts. */
export type AppProtocol = 'fastcgi' | 'uwsgi' | 'scgi' | 'http'

/** A listening socket that this process has inherited. */
export interface AppListener {
  readonly fd: number
  /** `unix:/run/demo.sock`, `127.0.0.1:9000` */
  readonly address: string
  readonly backlog?: number | undefined
  /** HTTP/1.1 for the upgrades of our own front, whatever the protocol is. */
  readonly upgrades?: boolean | undefined
  /** Addresses and networks that may connect; everybody without. */
  readonly allow?: readonly string[] | undefined
}

export interface ServeOptions extends SiteOptions {
  readonly protocol: AppProtocol
  /** Who takes upgrades. Without one a request on the socket for them is answered by the application as any other. */
  readonly upgrades?: UpgradeTarget | undefined
  readonly listeners: Iterable<AppListener>
}

type Connect = (socket: Socket, site: Site, owner: AppConnectionOwner) => AppConnection

const CONNECT: Readonly<Record<AppProtocol, Connect>> = {
  fastcgi: (socket, site, owner) => new FastcgiConnection(socket, site, owner),
  uwsgi: (socket, site, owner) =>
    new SingleRequestConnection(socket, site, owner, {
      decoder: new UwsgiRequestDecoder(),
      head: statusLineHead,
    }),
  scgi: (socket, site, owner) =>
    new SingleRequestConnection(socket, site, owner, { decoder: new ScgiRequestDecoder(), head: cgiHead }),
  http: (socket, site, owner) => new HttpConnection(socket, site, owner),
}

function upgradeConnect(target: UpgradeTarget): Connect {
  const server = upgradeServer(target)
  return (socket, _site, owner) => new UpgradeConnection(socket, server, owner)
}

const ACCEPT_ALERT_INTERVAL_MS = 1000

/** Listens and serves. Rejects where a socket cannot be listened on. */
export async function serveApplication(options: ServeOptions): Promise<ApplicationServer> {
  const server = new ApplicationServer(options)
  for (const listener of options.listeners) await server.listen(listener)
  return server
}

export class ApplicationServer implements AppConnectionOwner {
  readonly #site: Site
  readonly #connect: Connect
  readonly #connectUpgrade: Connect
  readonly #listeners: Listener[] = []
  readonly #connections = new Set<AppConnection>()
  readonly #empty = Promise.withResolvers<void>()
  #draining = false
  #alertedAtMs = -Infinity

  constructor(options: Omit<ServeOptions, 'listeners'>) {
    this.#site = new Site(options)
    this.#connect = CONNECT[options.protocol]
    this.#connectUpgrade = options.upgrades === undefined ? CONNECT.http : upgradeConnect(options.upgrades)
  }

  async listen({ fd, address, backlog, upgrades, allow }: AppListener): Promise<void> {
    // The permissions of a unix socket say who may.
    const allowance = address.startsWith('unix:') ? undefined : allow && new FrontAllowance(allow)
    const connect = upgrades === true ? this.#connectUpgrade : this.#connect
    const accept = (socket: Socket): void => {
      if (allowance?.allows(socket.remoteAddress) === false) this.#refuse(socket, address)
      else this.#accept(socket, connect)
    }
    const onTransport = (transport: StartedTransport): void => {
      if (allowance?.allows(transport.remoteAddress) === false) this.#refuse(transport, address)
      else this.acceptTransport(transport)
    }
    const listener = await listenFd(fd, accept, {
      backlog,
      onError: (error) => this.#acceptFailed(error),
      ...(connect === CONNECT.fastcgi && { onTransport }),
    })
    this.#listeners.push(listener)
  }

  /** A connection from a front. */
  accept(socket: Socket): void {
    this.#accept(socket, this.#connect)
  }

  /** One without a socket around it; it speaks FastCGI. */
  acceptTransport(transport: StartedTransport): void {
    this.#take(new FastcgiConnection(transport, this.#site, this))
  }

  /** One that carries HTTP/1.1 for who takes upgrades. */
  acceptUpgrade(socket: Socket): void {
    this.#accept(socket, this.#connectUpgrade)
  }

  #accept(socket: Socket, connect: Connect): void {
    this.#take(connect(socket, this.#site, this))
  }

  #take(connection: AppConnection): void {
    this.#connections.add(connection)
    if (this.#draining) connection.drain()
  }

  /**
   * Accepts no more; resolves when the last connection is closed, at the limit by force, and what responses left behind
   * them is done. At the limit that goes on, and nobody waits for it.
   */
  async drain(timeoutMs = Infinity): Promise<void> {
    this.#draining = true
    for (const listener of this.#listeners) listener.close()
    for (const connection of this.#connections) connection.drain()
    const over = Promise.withResolvers<void>()
    const atLimit = (): void => {
      this.destroy()
      over.resolve()
    }
    const cancel = after(timeoutMs, atLimit)
    if (this.#connections.size > 0) await this.#empty.promise
    const { done } = this.#site.trailing
    if (done !== undefined) await Promise.race([done, over.promise])
    cancel()
  }

  /** Connections end when their requests are through, and fronts make new ones. It goes on accepting. */
  rebalance(): void {
    for (const connection of this.#connections) connection.drain()
  }

  /** Ends every connection. Web sockets of the application see an end as from a client that went away. */
  cut(): void {
    for (const connection of this.#connections) connection.cut?.()
  }

  /** Closes every connection now. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  onConnectionClosed(connection: AppConnection): void {
    this.#connections.delete(connection)
    if (this.#draining && this.#connections.size === 0) this.#empty.resolve()
  }

  #refuse(socket: Socket | StartedTransport, address: string): void {
    this.#site.log.log(
      'error',
      `connection from ${socket.remoteAddress ?? '-'} to ${address} refused: no "allow" names it`,
    )
    socket.destroy()
  }

  #acceptFailed(error: NodeJS.ErrnoException): void {
    const nowMs = performance.now()
    if (nowMs - this.#alertedAtMs < ACCEPT_ALERT_INTERVAL_MS) return
    this.#alertedAtMs = nowMs
    this.#site.log.log('crit', `accept() failed (${error.message})`)
  }
}
