/** Outgoing connections. */
import { connect } from 'node:net'
import type { SocketAddress } from './socket-address.ts'
import type { Socket } from './socket.ts'
import { dialTls, SECURED, type ClientTls } from './tls/client-socket.ts'

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

/** Calls once the peer can be written to: connected and, with TLS, known. */
export function onceDialled(socket: Socket, { tls }: Dialling, callback: () => void): void {
  socket.once(tls ? SECURED : 'connect', callback)
}
