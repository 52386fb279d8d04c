/** The sockets of a server in this process: they outlive the confs that name them. */
import { listenAt, type Listener } from '../io/listener.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { ListenPoint } from '../front/server-config.ts'
import type { Front } from './front.ts'

interface Open {
  readonly listener: Listener
  readonly address: SocketAddress
  /** Who answers what is accepted from now on. */
  front: Front
  point: ListenPoint
}

export class Listeners {
  readonly #anyPort: boolean
  readonly #open = new Map<string, Open>()

  constructor(anyPort: boolean) {
    this.#anyPort = anyPort
  }

  /** By the address as the conf has it. */
  get addresses(): ReadonlyMap<string, SocketAddress> {
    return new Map([...this.#open].map(([key, { address }]) => [key, address]))
  }

  /**
   * Opens what the front asks for and nobody listens on yet, then lets it answer everything, and closes the rest. None
   * of it happens where one address cannot be had.
   */
  async follow(front: Front): Promise<void> {
    const opened: [string, Open][] = []
    try {
      for (const point of front.points)
        if (!this.#open.has(point.key)) opened.push([point.key, await this.#listen(front, point)])
    } catch (error) {
      for (const [, { listener }] of opened) listener.close()
      throw error
    }
    const wanted = new Map(front.points.map((point) => [point.key, point]))
    for (const [key, one] of this.#open) {
      const point = wanted.get(key)
      if (point) Object.assign(one, { front, point })
      else this.#close(key, one)
    }
    for (const [key, one] of opened) this.#open.set(key, one)
  }

  async #listen(front: Front, point: ListenPoint): Promise<Open> {
    const { address } = point
    const wanted: SocketAddress = this.#anyPort && address.kind === 'tcp' ? { ...address, port: 0 } : address
    const listener = await listenAt(
      wanted,
      (socket) => {
        const { front: now, point: at } = open
        now.server.accept(at, socket)
      },
      {
        backlog: point.backlog,
        onError: (error) => open.front.onLog('crit', `accept() on ${point.key} failed (${error.message})`),
      },
    )
    const bound = wanted.kind === 'tcp' ? { ...wanted, port: listener.port ?? wanted.port } : wanted
    const open: Open = { listener, address: bound, front, point }
    return open
  }

  #close(key: string, { listener }: Open): void {
    this.#open.delete(key)
    listener.close()
  }

  /** Connections that were accepted live on. */
  close(): void {
    for (const [key, one] of this.#open) this.#close(key, one)
  }
}
