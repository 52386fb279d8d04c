import { createConnection } from 'node:net'
import type { SocketAddress } from './socket-address.ts'

/** How long a connection may take before the address counts as silent. */
const PROBE_TIMEOUT_MS = 1000

/** Connects and closes. Resolves to undefined when somebody accepted, else to the system's code (`ECONNREFUSED`). */
export function probeAddress(address: SocketAddress): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket =
    address.kind === 'unix'
      ? createConnection({ path: address.path })
      : createConnection({ host: address.host, port: address.port })
  socket.setTimeout(PROBE_TIMEOUT_MS, () => {
    resolve('ETIMEDOUT')
    socket.destroy()
  })
  socket.once('connect', () => {
    resolve(undefined)
    socket.destroy()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EIO'))
  return promise
}
