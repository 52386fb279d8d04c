/** Whether a request is tried on another peer (`*_next_upstream`, its tries and its time-out), and what it ends with. */
import { monotonicMs } from '../../io/clock.ts'
import type { Request } from '../request.ts'
import type { BodySource, ExchangeFault } from './exchange.ts'
import type { PeerSearch } from './peer-search.ts'
import { statusCondition, type NextUpstreamCondition, type UpstreamSettings } from './upstream-settings.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])

export class NextUpstream {
  readonly #request: Request
  readonly #settings: UpstreamSettings
  readonly #search: PeerSearch
  readonly #startTick = monotonicMs()

  constructor(request: Request, settings: UpstreamSettings, search: PeerSearch) {
    this.#request = request
    this.#settings = settings
    this.#search = search
  }

  /** `body` is what was sent to the peer that answered so. */
  afterStatus(status: number, body: BodySource | undefined): boolean {
    const condition = statusCondition(status)
    return condition !== undefined && this.#allows(condition, true, body)
  }

  afterFault(fault: ExchangeFault, body: BodySource | undefined): boolean {
    return this.#allows(faultCondition(fault), fault.sent, body)
  }

  /** A request that may have been seen is repeated only when repeating is harmless (RFC 9110 section 9.2.2). */
  #allows(condition: NextUpstreamCondition, sent: boolean, body: BodySource | undefined): boolean {
    const { nextUpstream, nextUpstreamTries, nextUpstreamTimeoutMs } = this.#settings
    if (!nextUpstream.has(condition) || body?.live?.taken) return false
    if (sent && !IDEMPOTENT.has(this.#request.method) && !nextUpstream.has('non_idempotent')) return false
    if (nextUpstreamTries > 0 && this.#search.tries >= nextUpstreamTries) return false
    if (nextUpstreamTimeoutMs > 0 && monotonicMs() - this.#startTick >= nextUpstreamTimeoutMs) return false
    return this.#search.hasOther
  }
}

function faultCondition({ kind }: ExchangeFault): NextUpstreamCondition {
  if (kind === 'timeout') return 'timeout'
  return kind === 'invalid' ? 'invalid_header' : 'error'
}

/** What the client gets where no other peer is tried. */
export function faultStatus({ kind }: ExchangeFault): 502 | 503 | 504 {
  if (kind === 'timeout') return 504
  return kind === 'overloaded' ? 503 : 502
}
