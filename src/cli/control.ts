/** The running server's side of `portico status`: a line of a request, a line of JSON for an answer. */
import { isControlled, listenControl, type ControlSocket } from '../io/control-socket.ts'
import type { UnixAddress } from '../io/socket-address.ts'
import type { Master } from '../process/master.ts'
import type { Places } from './load-conf.ts'
import { privateAddress } from './private-address.ts'

/** Owner only: who reaches it reads what clients ask for. */
export function controlAddress(places: Places): UnixAddress {
  const address = privateAddress('control', places)
  if (address.kind !== 'unix') throw new Error('a control socket is a unix socket')
  return address
}

/**
 * Undefined, with a warning, where the socket cannot be had: the server serves without. `groupOf` gives the workers of
 * an application by the name that somebody asks for.
 */
export async function serveControl(
  master: Master,
  address: UnixAddress,
  groupOf: (app: string) => string,
  warn: (message: string) => void,
): Promise<ControlSocket | undefined> {
  try {
    // The master before this one, which an upgrade lets finish, keeps it.
    if (await isControlled(address)) return undefined
    return await listenControl(address, (line) => answer(master, groupOf, line))
  } catch (error) {
    warn(`no control socket: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

async function answer(master: Master, groupOf: (app: string) => string, line: string): Promise<string> {
  const [verb, name] = line.trim().split(' ')
  if (verb === 'status' && name === undefined) return JSON.stringify(await master.status())
  if (verb === 'restart' && name !== undefined)
    return JSON.stringify({ restarting: master.restart(groupOf(name)) })
  return JSON.stringify({ error: 'unknown request; write: status | restart NAME' })
}
