/** Settings of one `*_pass`, compiled: the same for every protocol. */
import type { Request } from '../request.ts'
import type { UpstreamTarget } from './exchange.ts'
import type { FieldRewriter } from './response-fields.ts'

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
  /** Where this request goes; undefined when a variable named no upstream. */
  readonly target: (request: Request) => UpstreamTarget | undefined
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
  /** Lower-case names of fields whose orders are not carried out (`*_ignore_headers`). */
  readonly ignoredHeaders: ReadonlySet<string>
  /** Changes the value of a field on its way to the client (`proxy_redirect`, `proxy_cookie_*`). */
  readonly rewriteField?: FieldRewriter | undefined
}
