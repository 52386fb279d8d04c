/** What the attempts to answer a request by upstreams left behind: `$upstream_*` and the error log's `upstream:`. */
import type { HeaderTable } from '../../http/header-table.ts'
import type { UpstreamAttempt } from './upstream-attempt.ts'

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : (ms / 1000).toFixed(3))

export abstract class UpstreamTrail {
  protected readonly attempts: UpstreamAttempt[] = []
  protected responseHeaders: HeaderTable | undefined
  protected responseTrailers: HeaderTable | undefined
  /** Of the upstream that answered before, where it sent the request elsewhere (`X-Accel-Redirect`). */
  protected before: UpstreamTrail | undefined

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

  get bytesSent(): string | undefined {
    return this.#join((attempt) => String(attempt.bytesSent))
  }

  get bytesReceived(): string | undefined {
    return this.#join((attempt) => String(attempt.bytesReceived))
  }

  get lastServer(): string | undefined {
    return this.attempts.at(-1)?.address
  }

  header(name: string): string | undefined {
    return joined(this.responseHeaders, name)
  }

  trailer(name: string): string | undefined {
    return joined(this.responseTrailers, name)
  }

  /** Value of a cookie that the response sets, by its name in any case (nginx). */
  cookie(name: string): string | undefined {
    for (const field of this.responseHeaders?.all('set-cookie') ?? []) {
      const equals = field.indexOf('=')
      if (equals < 0 || field.slice(0, equals).trim().toLowerCase() !== name.toLowerCase()) continue
      const end = field.indexOf(';', equals)
      return field.slice(equals + 1, end < 0 ? undefined : end).trim()
    }
    return undefined
  }

  /** Attempts of one group are separated by commas, groups by colons (nginx). */
  #join(text: (attempt: UpstreamAttempt) => string): string | undefined {
    const before = this.before ? this.before.#join(text) : undefined
    if (this.attempts.length === 0) return before
    const own = this.attempts.map(text).join(', ')
    return before === undefined ? own : `${before} : ${own}`
  }
}

function joined(fields: HeaderTable | undefined, name: string): string | undefined {
  const values = fields?.all(name)
  return values && values.length > 1 ? values.join(', ') : values?.[0]
}
