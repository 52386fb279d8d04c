/** Settings of one `*_pass`, compiled: the same for every protocol. */
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'
import type { Dialling } from '../../io/dial.ts'
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
  /** The same for every request; undefined where variables name it. */
  readonly fixedTarget?: UpstreamTarget | undefined
  readonly connectTimeoutMs: number
  readonly sendTimeoutMs: number
  readonly readTimeoutMs: number
  readonly interceptErrors: boolean
  /** Whether a 5xx of the upstream is a line in the error log: for applications of our own, whose log names the cause. */
  readonly logServerErrors: boolean
  /** Whether a body that nobody wants (HEAD, a redirect) is read to its end, so that the application can end its work. */
  readonly readsRest: boolean
  /** Lower-case names that are hidden unless they are passed, besides the orders to us. */
  readonly hiddenByDefault: readonly string[]
  readonly ignoreClientAbort: boolean
  readonly passRequestBody: boolean
  /** Whether a body is read whole before the upstream is asked. */
  readonly requestBuffering: boolean
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
  /** Whether a response is taken as fast as it comes, however slow the client is. */
  readonly buffering: boolean
  /** Of a response that waits for its client: in memory, and beyond that in a file of at most so many. */
  readonly bufferBytes: number
  readonly maxTempBytes: number
  /** Folder of such files; the worker's where it is undefined. */
  readonly tempFolder: string | undefined
  /** Bytes per second. */
  readonly limitRate: Value | undefined
  /** Where the response is kept as a file. */
  readonly store: ((request: Request) => string) | undefined
  /** Permission bits of such files. */
  readonly storeAccess: number
  readonly forceRanges: boolean
  readonly dialling: (request: Request) => Dialling
  /** Texts in the error stream of the application that make its answer invalid. */
  readonly catchStderr?: readonly string[] | undefined
  /** Whether a Server or Date that may pass but did not come is left out, instead of being said by us. */
  readonly omitsMissingIdentity?: boolean | undefined
  /** Whether fields behind a chunked response go to the client. */
  readonly passTrailers?: boolean | undefined
  /** Whether 103 responses go to the client of this request. */
  readonly earlyHints?: ((request: Request) => boolean) | undefined
}

export function statusCondition(status: number): NextUpstreamCondition | undefined {
  switch (status) {
    case 403:
    case 404:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return `http_${status}`
    default:
      return undefined
  }
}
