/** A server of this process on a port of its own that does with each connection what the test says, and can be ended. */
import { createServer, type Server, type Socket } from 'node:net'

export class RawUpstream {
  /** Those that came, the ones that are gone too. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(accept: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
      accept(socket)
    })
  }

  /** Resolves to the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
