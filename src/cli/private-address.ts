/** Sockets that only this server's own processes use. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { MAX_UNIX_PATH_BYTES, type SocketAddress } from '../io/socket-address.ts'
import type { Places } from './load-conf.ts'

/** Room for the name under which a socket is bound before it is renamed. */
const TEMPORARY_SUFFIX_BYTES = 20

/** Under the prefix, or in the temporary folder when that is too long for a socket. */
export function privateAddress(name: string, { prefix, confPath }: Places): SocketAddress {
  const file = `${name}.sock`
  const path = join(prefix, 'run', file)
  if (Buffer.byteLength(path) <= MAX_UNIX_PATH_BYTES - TEMPORARY_SUFFIX_BYTES) return { kind: 'unix', path }
  const hash = createHash('sha256').update(`${prefix}\n${confPath}`).digest('hex').slice(0, 16)
  return { kind: 'unix', path: `/tmp/portico-${hash}/${file}` }
}
