/** The keeper of zones at the two ends of a unix socket. */
import { monotonicMs } from '../../io/clock.ts'
import { Connection } from '../../io/connection.ts'
import { dial } from '../../io/dial.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import type { Socket } from '../../io/socket.ts'
import type { Keeper } from './keeper.ts'
import type { KeeperLink, KeeperLinkEvents, KeeperTransport } from './keeper-client.ts'

/** A worker that takes no answers for so many bytes stands still: it comes back when it goes on. */
const MAX_PENDING_BYTES = 16 << 20

/** In the keeper. */
export function serveKeeper(keeper: Keeper, socket: Socket): void {
  const session = keeper.accept({
    write: (bytes) => {
      io.write(bytes)
      if (io.pendingBytes > MAX_PENDING_BYTES) io.destroy()
    },
    soon: queueMicrotask,
  })
  const io = new Connection(socket, {
    onData: (bytes) => session.receive(bytes),
    onEnd: () => io.destroy(),
    onDrain: nothing,
    onClose: () => session.closed(),
  })
}

/** In a worker. */
export class KeeperSocketTransport implements KeeperTransport {
  readonly #address: SocketAddress

  constructor(address: SocketAddress) {
    this.#address = address
  }

  connect(events: KeeperLinkEvents): KeeperLink {
    const socket = dial(this.#address)
    socket.unref()
    socket.once('connect', () => events.onOpen())
    const io = new Connection(socket, {
      onData: (bytes) => events.onData(bytes),
      onEnd: () => io.destroy(),
      onDrain: nothing,
      onClose: () => events.onClose(),
    })
    return {
      write: (bytes) => void io.write(bytes),
      get pendingBytes() {
        return io.pendingBytes
      },
      close: () => io.destroy(),
    }
  }

  nowMs(): number {
    return monotonicMs()
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  }

  afterInput(callback: () => void): void {
    setImmediate(callback)
  }

  soon(callback: () => void): void {
    process.nextTick(callback)
  }
}

function nothing(): void {}
