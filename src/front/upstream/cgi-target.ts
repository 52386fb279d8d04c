/** A request to an upstream of a CGI-style protocol: variables, made anew for each peer, and the body. */
import type { Request } from '../request.ts'
import type { AttemptParts, Exchange, GatewayClient, UpstreamTarget } from './exchange.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

export class CgiTarget implements UpstreamTarget {
  readonly group: PeerGroup
  readonly host = ''
  readonly port = ''
  readonly #client: GatewayClient
  readonly #params: (request: Request) => string[]

  constructor(group: PeerGroup, client: GatewayClient, params: (request: Request) => string[]) {
    this.group = group
    this.#client = client
    this.#params = params
  }

  get takesUnknownLength(): boolean {
    return this.#client.takesUnknownLength
  }

  begin(request: Request, peer: Peer, attempt: AttemptParts): Exchange {
    return this.#client.begin(this.group, peer, this.#params(request), attempt)
  }
}
