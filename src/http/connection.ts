/** Connection and what is only for the next hop (RFC 9110 section 7.6.1). */
import type { HeaderTable } from './header-table.ts'

export const CONNECTION_CLOSE = 1
export const CONNECTION_KEEP_ALIVE = 2
export const CONNECTION_UPGRADE = 4

/** Bits for the options of a Connection value that a server acts on. */
export function connectionOptions(value: string): number {
  // what nearly everybody sends, before taking the list apart
  if (value === 'keep-alive') return CONNECTION_KEEP_ALIVE
  if (value === 'close') return CONNECTION_CLOSE
  let options = 0
  for (const name of listMembers(value)) {
    if (name === 'close') options |= CONNECTION_CLOSE
    else if (name === 'keep-alive') options |= CONNECTION_KEEP_ALIVE
    else if (name === 'upgrade') options |= CONNECTION_UPGRADE
  }
  return options
}

/** Never forwarded, named in Connection or not; `te` and `upgrade` are made anew where they are wanted. */
const ALWAYS_HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** A Connection that names one of these would take away what the message means; the naming is ignored. */
const NEVER_HOP_BY_HOP = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'authorization',
  'cookie',
  'set-cookie',
  'date',
  'cache-control',
])

const ALWAYS: ReadonlySet<string> = new Set(ALWAYS_HOP_BY_HOP)

/** Lower-case names of the fields that end here. Linear in the size of the head. */
export function hopByHopNames(headers: HeaderTable): ReadonlySet<string> {
  const value = headers.get('connection')
  // what nearly everybody sends names no field
  if (value === undefined || value === 'close' || value === 'keep-alive') {
    if (
      value === undefined ||
      headers.names.lastIndexOf('connection') === headers.names.indexOf('connection')
    )
      return ALWAYS
  }
  const names = new Set(ALWAYS_HOP_BY_HOP)
  for (let i = 0; i < headers.size; i++) {
    if (headers.names[i] !== 'connection') continue
    for (const name of listMembers(headers.values[i] ?? '')) {
      if (!NEVER_HOP_BY_HOP.has(name)) names.add(name)
    }
  }
  return names
}

/** Members of a comma-separated list, lower-case, empty ones left out. */
function listMembers(value: string): string[] {
  const members: string[] = []
  for (const part of value.toLowerCase().split(',')) {
    const member = part.trim()
    if (member !== '') members.push(member)
  }
  return members
}
