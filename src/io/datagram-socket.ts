/** What kind a bound unix socket is: the runtime speaks to those of streams alone. */
import { realpathSync } from 'node:fs'
import { readTextFile } from './files/text-file.ts'

const UNIX_SOCKETS = '/proc/net/unix'
const DATAGRAM = '0002'

/** Whether a datagram socket is bound to the path. False where nobody knows: no socket there, or no /proc. */
export function isDatagramSocket(path: string, table: string = readTextFile(UNIX_SOCKETS) ?? ''): boolean {
  const names = new Set([path, followed(path)])
  return table.split('\n').some((line) => {
    // Num RefCount Protocol Flags Type St Inode Path
    const [, , , , type, , , ...name] = line
      .trim()
      .split(' ')
      .filter((word) => word !== '')
    return type === DATAGRAM && names.has(name.join(' '))
  })
}

/** /dev/log is a link in many systems. */
function followed(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
