/** Outgoing connections. */
import { connect } from 'node:net'
import { Connection, type ConnectionOwner } from './connection.ts'
import { HandleTransport } from './handle-transport.ts'
import type { SocketAddress } from './socket-address.ts'
import type { Socket } from './socket.ts'
import { takeHandle } from './stream-handle.ts'
import { dialTls, SECURED, type ClientTls } from './tls/client-socket.ts'
import type { Transport } from './transport.ts'

/** How a connection is made, besides where to. */
export interface Dialling {
  /** SO_KEEPALIVE. */
  readonly keepAlive: boolean
  /** Where it comes from; the kernel chooses otherwise. */
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** Undefined for a connection without TLS. */
  readonly tls?: ClientTls | undefined
}

const PLAIN: Dialling = { keepAlive: false, localAddress: undefined, localPort: undefined }

/** A socket that is connecting; what fails comes as its error. Names are resolved anew for each connection. */
export function dial(
  address: SocketAddress,
  { keepAlive, localAddress, localPort, tls }: Dialling = PLAIN,
): Socket {
  if (address.kind === 'unix')
    return tls ? dialTls({ path: address.path }, tls) : connect({ path: address.path })
  const { host, port } = address
  const local =
    localAddress === undefined ? {} : { localAddress, ...(localPort !== undefined && { localPort }) }
  const target = { host, port, noDelay: true, keepAlive, ...local }
  return tls ? dialTls(target, tls) : connect(target)
}

export interface DialOwner extends ConnectionOwner {
  /** The peer can be written to. `transport` is what to use from now on, instead of what `dialTransport` gave. */
  onConnect(transport: Transport): void
}

/**
 * A connection straight on its handle, where the runtime gives it and there is no TLS. What comes back is only to be
 * ended: until `onConnect` nothing may be written.
 */
export function dialTransport(
  address: SocketAddress,
  dialling: Dialling = PLAIN,
  owner: DialOwner,
): Transport {
  const socket = dial(address, dialling)
  const connection = new Connection(socket, owner)
  onceDialled(socket, dialling, () => {
    const handle = dialling.tls ? undefined : takeHandle(socket)
    if (!handle) {
      owner.onConnect(connection)
      return
    }
    connection.letGo()
    owner.onConnect(new HandleTransport(handle).start(owner))
  })
  return connection
}

/** Calls once the peer can be written to: connected and, with TLS, known. */
export function onceDialled(socket: Socket, { tls }: Dialling, callback: () => void): void {
  socket.once(tls ? SECURED : 'connect', callback)
}
