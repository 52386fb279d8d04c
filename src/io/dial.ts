/** Outgoing connections. */
import { connect } from 'node:net'
import type { SocketAddress } from './socket-address.ts'
import type { Socket } from './socket.ts'

/** A socket that is connecting; what fails comes as its error. Names are resolved anew for each connection. */
export function dial(address: SocketAddress): Socket {
  if (address.kind === 'unix') return connect({ path: address.path })
  return connect({ host: address.host, port: address.port, noDelay: true })
}
