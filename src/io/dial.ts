/** Outgoing connections. */
import { connect } from 'node:net'
import type { SocketAddress } from './socket-address.ts'
import type { Socket } from './socket.ts'

/** How a connection is made, besides where to. */
export interface Dialling {
  /** SO_KEEPALIVE. */
  readonly keepAlive: boolean
  /** Where it comes from; the kernel chooses otherwise. */
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
}

const PLAIN: Dialling = { keepAlive: false, localAddress: undefined, localPort: undefined }

/** A socket that is connecting; what fails comes as its error. Names are resolved anew for each connection. */
export function dial(
  address: SocketAddress,
  { keepAlive, localAddress, localPort }: Dialling = PLAIN,
): Socket {
  if (address.kind === 'unix') return connect({ path: address.path })
  const { host, port } = address
  const local =
    localAddress === undefined ? {} : { localAddress, ...(localPort !== undefined && { localPort }) }
  return connect({ host, port, noDelay: true, keepAlive, ...local })
}
