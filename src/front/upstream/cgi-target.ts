/** A request to an upstream of a CGI-style protocol: variables, made anew for each peer, and the body. */
import type { Request } from '../request.ts'
import type { AttemptParts, Exchange, GatewayClient, UpstreamTarget } from './exchange.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'
import { withTls, type UpstreamTls } from './upstream-tls.ts'

export class CgiTarget implements UpstreamTarget {
  readonly group: PeerGroup
  readonly host = ''
  readonly port = ''
  readonly #client: GatewayClient
  readonly #params: (request: Request) => string[]
  readonly #tls: UpstreamTls | undefined
  readonly #address: string

  /** `address` is what a certificate is for, where TLS is spoken. */
  constructor(
    group: PeerGroup,
    client: GatewayClient,
    params: (request: Request) => string[],
    tls?: UpstreamTls,
    address = '',
  ) {
    this.#tls = tls
    this.#address = address
    this.group = group
    this.#client = client
    this.#params = params
  }

  get takesUnknownLength(): boolean {
    return this.#client.takesUnknownLength
  }

  begin(request: Request, peer: Peer, attempt: AttemptParts): Exchange {
    return this.#client.begin(
      attempt.pool ?? this.group,
      peer,
      this.#params(request),
      withTls(attempt, this.#tls, request, this.#address),
    )
  }
}
