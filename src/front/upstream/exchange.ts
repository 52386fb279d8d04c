/** One request sent to one peer and what comes back, whatever the protocol. */
import type { HeaderTable } from '../../http/header-table.ts'
import type { Request } from '../request.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

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
  /** A kept connection that was closed before anything came: a new one to the same peer is worth a try. */
  readonly stale?: boolean
}

/** What the engine wants to hear. Calls come in this order; after `onEnd` or `onFault` nothing more comes. */
export interface ExchangeListener {
  onConnected(): void
  /** A part of the request body has left; `whole` when it was the last. */
  onSendProgress(whole: boolean): void
  onHead(head: UpstreamHead): void
  /** The bytes are the listener's: they are not written again. */
  onBody(chunk: Buffer): void
  /** All input of one read was given: what is held back for a larger write should go now. */
  onReadComplete(): void
  /** The application's error stream. */
  onStderr(text: string): void
  /** Something for the error log that does not end the exchange. */
  onWarning(message: string): void
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

/** Where a request goes and how it is said there: what a `*_pass` makes of its arguments. */
export interface UpstreamTarget {
  readonly group: PeerGroup
  /** `$proxy_host` and `$proxy_port`; '' where the protocol has no such thing. */
  readonly host: string
  readonly port: string
  /** Sends the request to a peer of the group. @throws the codec's error for what the protocol cannot carry. */
  begin(request: Request, peer: Peer, body: BodySource | undefined, listener: ExchangeListener): Exchange
}

/** A CGI-style protocol. `params` is flat: name, value, name, value. */
export interface GatewayClient {
  begin(
    peer: Peer,
    params: readonly string[],
    body: BodySource | undefined,
    listener: ExchangeListener,
  ): Exchange
}
