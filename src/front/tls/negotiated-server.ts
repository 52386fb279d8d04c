/** Which server a handshake is for (ngx_http_ssl_servername). */
import { parseHost } from '../../http/host.ts'
import type { ListenPoint, Server } from '../server-config.ts'
import type { NameMatch } from '../server-names.ts'

export interface NegotiatedServer {
  /** The name in its canonical form, where a server has it; undefined otherwise. */
  readonly host: string | undefined
  readonly match: NameMatch | undefined
  readonly server: Server
}

/** `serverName` is what the client sent. One that is no host name counts as none. */
export function negotiateServer(point: ListenPoint, serverName: string | undefined): NegotiatedServer {
  const host = serverName === undefined ? undefined : parseHost(serverName)?.name
  const match = host === undefined ? undefined : point.names.match(host)
  return match
    ? { host, match, server: match.server }
    : { host: undefined, match: undefined, server: point.defaultServer }
}
