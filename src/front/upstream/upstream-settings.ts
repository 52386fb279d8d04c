/** Settings of one `*_pass`, compiled: the same for every protocol. */
import type { Request } from '../request.ts'
import type { GatewayClient } from './exchange.ts'
import type { PeerGroup } from './peer-group.ts'

/** Conditions under which the next peer is tried (`*_next_upstream`). */
export type NextUpstreamCondition =
  | 'error'
  | 'timeout'
  | 'invalid_header'
  | 'http_500'
  | 'http_502'
  | 'http_503'
  | 'http_504'
  | 'http_403'
  | 'http_404'
  | 'http_429'
  | 'non_idempotent'

export interface UpstreamSettings {
  /** URL scheme in the error log: `fastcgi`, `uwsgi`, `app`. */
  readonly scheme: string
  readonly client: GatewayClient
  /** The group for this request; undefined when a variable named none. */
  readonly group: (request: Request) => PeerGroup | undefined
  /** CGI variables, flat. */
  readonly params: (request: Request) => string[]
  readonly connectTimeoutMs: number
  readonly sendTimeoutMs: number
  readonly readTimeoutMs: number
  readonly interceptErrors: boolean
  /** Whether a 5xx of the upstream is a line in the error log: for applications of our own, whose log names the cause. */
  readonly logServerErrors: boolean
  readonly ignoreClientAbort: boolean
  readonly passRequestBody: boolean
  readonly nextUpstream: ReadonlySet<NextUpstreamCondition>
  /** 0 for no limit. */
  readonly nextUpstreamTries: number
  readonly nextUpstreamTimeoutMs: number
  /** Lower-case names of fields that do not reach the client (`*_hide_header` less `*_pass_header`). */
  readonly hiddenHeaders: ReadonlySet<string>
}
