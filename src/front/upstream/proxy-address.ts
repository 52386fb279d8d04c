/** The argument of `proxy_pass`: scheme, host and port of the upstream, and the path that replaces the location's. */

export interface ProxyAddress {
  /** `https` */
  readonly tls: boolean
  /** Name of a group, `host:port` as written, or `unix:path`. */
  readonly upstream: string
  /** `$proxy_host`: what Host says by default. */
  readonly host: string
  /** `$proxy_port` */
  readonly port: string
  /** Behind the authority, from its slash on; '' for none. */
  readonly uri: string
}

/** Undefined when it begins with no scheme that is spoken here. */
export function parseProxyAddress(url: string): ProxyAddress | undefined {
  const [scheme, secure] = /^http(s)?:\/\//i.exec(url) ?? []
  if (scheme === undefined) return undefined
  const tls = secure !== undefined
  const rest = url.slice(scheme.length)
  if (rest.startsWith('unix:')) return unixAddress(rest, tls)
  const end = rest.search(/[/?]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const uri = end < 0 ? '' : rest.slice(end)
  const usual = String(usualPort(tls))
  const [, host = authority, port = usual] = /^(.*?)(?::([0-9]+))?$/.exec(authority) ?? []
  return {
    tls,
    upstream: authority,
    host: port === usual ? host : authority,
    port,
    uri: uri.startsWith('?') ? `/${uri}` : uri,
  }
}

export function usualPort(tls: boolean): number {
  return tls ? 443 : 80
}

/** `unix:/path/to/socket:/uri` */
function unixAddress(rest: string, tls: boolean): ProxyAddress {
  const colon = rest.indexOf(':', 'unix:'.length)
  const upstream = colon < 0 ? rest : rest.slice(0, colon)
  return { tls, upstream, host: 'localhost', port: '', uri: colon < 0 ? '' : rest.slice(colon + 1) }
}
