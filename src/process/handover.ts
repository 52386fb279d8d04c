/**
 * What a master tells the one that takes over from it (USR2), in one environment variable as nginx does it: which
 * descriptor is which socket. JSON.
 */
import { formatSocketAddress, parseSocketAddress } from '../io/socket-address.ts'
import type { SocketAddress } from '../io/socket-address.ts'

/** Name of the variable. Whoever reads it removes it: it is nothing for workers. */
export const HANDOVER_VARIABLE = 'PORTICO_LISTENERS'

/** Descriptors of a successor start here: 0 to 2 are the standard streams. */
export const FIRST_HANDOVER_FD = 3

export interface HandedSocket {
  /** As the listener set knows it. */
  readonly identity: string
  readonly fd: number
  readonly address: SocketAddress
}

export interface Handover {
  /** Process id of the master before. */
  readonly predecessor: number
  readonly sockets: readonly HandedSocket[]
}

export function writeHandover({ predecessor, sockets }: Handover): string {
  const rows = sockets.map(({ identity, fd, address }) => [identity, fd, formatSocketAddress(address)])
  return JSON.stringify({ predecessor, sockets: rows })
}

/** Undefined for what no master of ours wrote: a variable of the environment can be anything. */
export function readHandover(text: string | undefined): Handover | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as { predecessor: number; sockets: [string, number, string][] }
    const sockets = value.sockets.map(([identity, fd, address]) => {
      if (!Number.isInteger(fd) || fd < FIRST_HANDOVER_FD) throw new TypeError('no descriptor')
      return { identity, fd, address: parseSocketAddress(address) }
    })
    return Number.isInteger(value.predecessor) ? { predecessor: value.predecessor, sockets } : undefined
  } catch {
    return undefined
  }
}
