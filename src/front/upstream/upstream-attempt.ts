/** One try to have a request answered by one peer: what `$upstream_*` tell of it. */
import { monotonicMs } from '../../io/clock.ts'
import type { Exchange } from './exchange.ts'

export class UpstreamAttempt {
  readonly address: string
  readonly startTick = monotonicMs()
  /** 0 while none has come. */
  status = 0
  /** Milliseconds since the attempt began, each undefined while it has not come. */
  connectMs: number | undefined
  headerMs: number | undefined
  responseMs: number | undefined
  /** Bytes of the response's body. */
  length = 0
  bytesSent = 0
  bytesReceived = 0

  constructor(address: string) {
    this.address = address
  }

  connected(nowMs: number): void {
    this.connectMs = nowMs - this.startTick
  }

  answered(status: number): void {
    this.status = status
    this.headerMs = monotonicMs() - this.startTick
  }

  /** Answers how long it took, milliseconds. */
  ended(exchange: Exchange | undefined): number {
    this.responseMs ??= monotonicMs() - this.startTick
    if (exchange) {
      this.bytesSent = exchange.bytesSent
      this.bytesReceived = exchange.bytesReceived
    }
    return this.responseMs
  }
}
