/** One request sent to one peer and what comes back, whatever the protocol. */
import type { HeaderTable } from '../../http/header-table.ts'
import type { Peer } from './peer.ts'

export interface UpstreamHead {
  readonly status: number
  readonly headers: HeaderTable
}

/** Why an exchange ended without a whole response. `sent` tells whether the peer can have seen any of the request. */
export interface ExchangeFault {
  readonly kind: 'connect' | 'timeout' | 'closed' | 'invalid' | 'overloaded'
  /** For the error log, in nginx's words where it has them. */
  readonly message: string
  readonly sent: boolean
}

/** What the engine wants to hear. Calls come in this order; after `onEnd` or `onFault` nothing more comes. */
export interface ExchangeListener {
  onConnected(): void
  onHead(head: UpstreamHead): void
  /** The bytes are the listener's: they are not written again. */
  onBody(chunk: Buffer): void
  /** All input of one read was given: what is held back for a larger write should go now. */
  onReadComplete(): void
  /** The application's error stream. */
  onStderr(text: string): void
  onEnd(): void
  onFault(fault: ExchangeFault): void
}

/** Gives the request body in order: `pull` asks for the next chunk, which comes once; an empty one is the end. */
export interface BodySource {
  /** Bytes in all. */
  readonly length: number
  /** The whole body, when it is in memory. */
  readonly memory: readonly Buffer[] | undefined
  slice(position: number, size: number): Promise<Buffer>
}

export interface Exchange {
  /** Stops `onBody` for a while; what arrives is bounded by the protocol's own means. */
  pause(): void
  resume(): void
  /** Gives up: the peer is told where the protocol can. Nothing is called any more. */
  abort(): void
}

/** A protocol towards upstreams. `params` is flat: name, value, name, value. */
export interface GatewayClient {
  begin(
    peer: Peer,
    params: readonly string[],
    body: BodySource | undefined,
    listener: ExchangeListener,
  ): Exchange
}
