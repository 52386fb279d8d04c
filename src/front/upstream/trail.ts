/** What the attempts to answer a request by upstreams left behind: `$upstream_*` and the error log's `upstream:`. */
import type { HeaderTable } from '../../http/header-table.ts'

/** One attempt. Times are seconds since the attempt began, undefined while they have not come. */
export interface UpstreamAttempt {
  readonly address: string
  readonly startTick: number
  status: number
  connectMs: number | undefined
  headerMs: number | undefined
  responseMs: number | undefined
  length: number
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : (ms / 1000).toFixed(3))

export abstract class UpstreamTrail {
  protected readonly attempts: UpstreamAttempt[] = []
  protected responseHeaders: HeaderTable | undefined

  /** The client's connection ended while the request was under way. */
  abstract onClientGone(): void

  /** As the error log names the peer: `fastcgi://unix:/run/x.sock`. */
  abstract get peerText(): string | undefined

  /** `$proxy_host`, `$proxy_port` */
  abstract get targetHost(): string | undefined
  abstract get targetPort(): string | undefined

  get addresses(): string | undefined {
    return this.#join((attempt) => attempt.address)
  }

  get statuses(): string | undefined {
    return this.#join((attempt) => (attempt.status === 0 ? '-' : String(attempt.status)))
  }

  get connectTimes(): string | undefined {
    return this.#join((attempt) => seconds(attempt.connectMs))
  }

  get headerTimes(): string | undefined {
    return this.#join((attempt) => seconds(attempt.headerMs))
  }

  get responseTimes(): string | undefined {
    return this.#join((attempt) => seconds(attempt.responseMs))
  }

  get responseLengths(): string | undefined {
    return this.#join((attempt) => String(attempt.length))
  }

  header(name: string): string | undefined {
    return this.responseHeaders?.get(name)
  }

  #join(text: (attempt: UpstreamAttempt) => string): string | undefined {
    return this.attempts.length === 0 ? undefined : this.attempts.map(text).join(', ')
  }
}
