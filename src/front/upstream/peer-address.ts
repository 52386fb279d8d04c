/** Addresses of peers as the conf writes them and `$upstream_addr` shows them. */
import type { Statement } from '../../config/ast.ts'
import { ConfigError } from '../../config/config-error.ts'
import { parseIp } from '../../util/ip-address.ts'
import type { SocketAddress } from '../../io/socket-address.ts'

/**
 * `host:port`, `[v6]:port` or `unix:path`, relative to `prefix`. Without a port it is `defaultPort`.
 *
 * @throws ConfigError in nginx's words
 */
export function parsePeerAddress(
  text: string,
  at: Statement,
  prefix: string,
  defaultPort: number | undefined,
): SocketAddress {
  if (text.startsWith('unix:')) {
    const path = text.slice(5).replace(/:$/, '')
    if (path === '') throw new ConfigError(`no path in the unix domain socket in upstream "${text}"`, at)
    return { kind: 'unix', path: path.startsWith('/') ? path : `${prefix}/${path}` }
  }
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+)(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1]
  if (!match && /^[^:[\]/\s]+:[^:]*$/.test(text))
    throw new ConfigError(`invalid port in upstream "${text}"`, at)
  if (!match || host === undefined) throw new ConfigError(`invalid host in upstream "${text}"`, at)
  const port = match[2] === undefined ? defaultPort : Number(match[2])
  if (port === undefined) throw new ConfigError(`no port in upstream "${text}"`, at)
  if (port < 1 || port > 65_535) throw new ConfigError(`invalid port in upstream "${text}"`, at)
  return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port }
}

export function addressText(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/** Whether addresses have to be found before it can be connected to. */
export function isNamed(address: SocketAddress): boolean {
  return address.kind === 'tcp' && parseIp(address.host) === undefined
}
