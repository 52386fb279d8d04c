/**
 * The master's sockets. They outlive workers and reloads: one that the next configuration still names is handed on
 * as it is, with whatever waits in its accept queue.
 */
import { formatSocketAddress } from '../io/socket-address.ts'
import type { ListenerSpec } from './generation.ts'
import type { HandedSocket } from './handover.ts'
import type { Host, HostSocket } from './host.ts'
import { PlaceSocket } from './place-socket.ts'

export interface BoundListener {
  readonly spec: ListenerSpec
  readonly socket: HostSocket
  /** The same, where it is that of one place. */
  readonly place?: PlaceSocket | undefined
}

export class ListenerSet {
  readonly #host: Host
  readonly #sockets = new Map<string, HostSocket>()

  /** Whether another master serves the same sockets: then their paths stay when ours are closed. */
  readonly #shares: () => boolean

  constructor(host: Host, handed: readonly HandedSocket[], shares: () => boolean) {
    this.#host = host
    this.#shares = shares
    for (const { identity, fd, address } of handed) this.#sockets.set(identity, host.adopt(fd, address))
  }

  held(): { identity: string; socket: HostSocket }[] {
    return Array.from(this.#sockets, ([identity, socket]) => ({ identity, socket }))
  }

  /**
   * The sockets of a configuration by key: those that are held already, the others bound now. Where one cannot be
   * bound, those bound just now are closed again and what was held stays.
   *
   * @throws what `host.bind` throws
   */
  async acquire(specs: readonly ListenerSpec[]): Promise<Map<string, BoundListener>> {
    const bound = new Map<string, BoundListener>()
    const fresh: string[] = []
    try {
      for (const spec of specs) {
        const identity = identityOf(spec)
        let socket = this.#sockets.get(identity)
        if (!socket) {
          socket = await this.#host.bind(spec)
          this.#sockets.set(identity, socket)
          fresh.push(identity)
        }
        if (spec.ofPlace === true && !(socket instanceof PlaceSocket)) {
          socket = new PlaceSocket(spec, socket, this.#host, this.#shares)
          this.#sockets.set(identity, socket)
        }
        bound.set(spec.key, { spec, socket, place: socket instanceof PlaceSocket ? socket : undefined })
      }
    } catch (error) {
      for (const identity of fresh) this.#close(identity)
      throw error
    }
    return bound
  }

  /** Closes every socket that none of these configurations names. */
  retain(...configurations: readonly (readonly ListenerSpec[])[]): void {
    const wanted = new Set(configurations.flat().map(identityOf))
    for (const identity of [...this.#sockets.keys()]) if (!wanted.has(identity)) this.#close(identity)
  }

  #close(identity: string): void {
    this.#sockets.get(identity)?.close(this.#shares())
    this.#sockets.delete(identity)
  }
}

/** An address can be bound once, under whichever key; a port that the system chooses is another each time. */
function identityOf({ key, address }: ListenerSpec): string {
  const text = formatSocketAddress(address)
  return address.kind === 'tcp' && address.port === 0 ? `${text} ${key}` : text
}
