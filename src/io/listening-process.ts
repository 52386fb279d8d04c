/**
 * Who listens on an address, from Linux's /proc: "Address already in use" alone sends people searching. Best effort:
 * other users' processes cannot be looked into, other systems have no /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import type { SocketAddress } from './socket-address.ts'

export interface ListeningProcess {
  readonly pid: number
  readonly name: string
}

/** TCP_LISTEN in /proc/net/tcp. */
const LISTEN = '0A'

export function findListeningProcess(address: SocketAddress): ListeningProcess | undefined {
  try {
    const inodes = address.kind === 'unix' ? unixInodes(address.path) : tcpInodes(address.host, address.port)
    return inodes.size === 0 ? undefined : holderOf(inodes)
  } catch {
    return undefined
  }
}

/** `Num RefCount Protocol Flags Type St Inode Path` */
function unixInodes(path: string): Set<string> {
  const rows = readTable('/proc/net/unix').filter((row) => resolve(row[7] ?? '') === resolve(path))
  return new Set(rows.map((row) => row[6] ?? ''))
}

/** `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode` */
function tcpInodes(host: string, port: number): Set<string> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = [...readTable('/proc/net/tcp'), ...readTable('/proc/net/tcp6')].filter((row) => {
    const [local = '', localPort] = (row[1] ?? '').split(':')
    return row[3] === LISTEN && localPort === hexPort && overlaps(local, host)
  })
  return new Set(rows.map((row) => row[9] ?? ''))
}

/** Two addresses collide when they are the same or one is the wildcard. */
function overlaps(hexAddress: string, host: string): boolean {
  if (/^0+$/.test(hexAddress) || host === '0.0.0.0' || host === '::') return true
  if (!isIPv4(host)) return hexAddress.length === 32
  const reversed = host.split('.').reverse()
  return hexAddress.endsWith(
    reversed.map((octet) => Number(octet).toString(16).toUpperCase().padStart(2, '0')).join(''),
  )
}

function readTable(path: string): string[][] {
  try {
    const lines = readFileSync(path, 'latin1').split('\n').slice(1)
    return lines.map((line) => line.trim().split(/\s+/))
  } catch {
    return []
  }
}

function holderOf(inodes: ReadonlySet<string>): ListeningProcess | undefined {
  const wanted = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry) || !holdsAny(entry, wanted)) continue
    return { pid: Number(entry), name: readFileSync(`/proc/${entry}/comm`, 'utf8').trim() }
  }
  return undefined
}

function holdsAny(pid: string, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)))
  } catch {
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
