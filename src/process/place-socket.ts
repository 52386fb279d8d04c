/**
 * The socket of one place, on which nobody else accepts. While the place waits for long to be filled again, connections
 * would wait in its accept queue for nobody: then it is withdrawn, so that whoever connects is refused at once and
 * goes elsewhere; what has waited is reset. Who asks for its descriptor has it back, bound anew.
 */
import type { ListenerSpec } from './generation.ts'
import type { Host, HostSocket } from './host.ts'

export class PlaceSocket implements HostSocket {
  readonly #spec: ListenerSpec
  readonly #host: Host
  readonly #shares: () => boolean
  #socket: HostSocket
  #withdrawn = false
  /** Workers that have it: of this generation, and of the one before or after it. */
  #users = 0

  /** `shares`: whether another master serves it as well. */
  constructor(spec: ListenerSpec, socket: HostSocket, host: Host, shares: () => boolean) {
    this.#spec = spec
    this.#socket = socket
    this.#host = host
    this.#shares = shares
  }

  get address(): HostSocket['address'] {
    return this.#socket.address
  }

  /** @throws what `host.rebind` throws, after it was withdrawn */
  get fd(): number {
    if (this.#withdrawn) {
      this.#socket = this.#host.rebind(this.#spec)
      this.#withdrawn = false
    }
    return this.#socket.fd
  }

  /** A worker has it from here on. */
  taken(): void {
    this.#users += 1
  }

  left(): void {
    this.#users -= 1
  }

  /** Nothing happens where another worker may accept on it. */
  withdraw(): void {
    if (this.#users > 0 || this.#withdrawn || this.#shares()) return
    this.#withdrawn = true
    this.#socket.close(false)
  }

  close(keepsPath: boolean): void {
    if (!this.#withdrawn) this.#socket.close(keepsPath)
    this.#withdrawn = true
  }
}
