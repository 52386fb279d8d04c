/** The argument of `proxy_pass`: scheme, host and port of the upstream, and the path that replaces the location's. */

export interface ProxyAddress {
  /** Name of a group, `host:port` as written, or `unix:path`. */
  readonly upstream: string
  /** `$proxy_host`: what Host says by default. */
  readonly host: string
  /** `$proxy_port` */
  readonly port: string
  /** Behind the authority, from its slash on; '' for none. */
  readonly uri: string
}

const DEFAULT_PORT = '80'

/** Undefined when it begins with no scheme that is spoken here. */
export function parseProxyAddress(url: string): ProxyAddress | undefined {
  if (!/^http:\/\//i.test(url)) return undefined
  const rest = url.slice('http://'.length)
  if (rest.startsWith('unix:')) return unixAddress(rest)
  const end = rest.search(/[/?]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const uri = end < 0 ? '' : rest.slice(end)
  const [, host = authority, port = DEFAULT_PORT] = /^(.*?)(?::([0-9]+))?$/.exec(authority) ?? []
  return {
    upstream: authority,
    host: port === DEFAULT_PORT ? host : authority,
    port,
    uri: uri.startsWith('?') ? `/${uri}` : uri,
  }
}

/** `unix:/path/to/socket:/uri` */
function unixAddress(rest: string): ProxyAddress {
  const colon = rest.indexOf(':', 'unix:'.length)
  const upstream = colon < 0 ? rest : rest.slice(0, colon)
  return { upstream, host: 'localhost', port: '', uri: colon < 0 ? '' : rest.slice(colon + 1) }
}
