/** One request sent to one peer and what comes back, whatever the protocol. */
import type { HeaderTable } from '../../http/header-table.ts'
import type { ConnectionOwner } from '../../io/connection.ts'
import type { Dialling } from '../../io/dial.ts'
import type { Transport } from '../../io/transport.ts'
import type { Request } from '../request.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

export interface UpstreamHead {
  readonly status: number
  /** Empty where it gave none. */
  readonly reason: string
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

/** How far a request body is: sent, held up by the peer's socket, or waiting for more of it from the client. */
export type SendState = 'whole' | 'blocked' | 'starved'

/** What the engine wants to hear. Calls come in this order; after `onEnd` or `onFault` nothing more comes. */
export interface ExchangeListener {
  onConnected(): void
  onSendProgress(state: SendState): void
  /** 103 with its fields; may come more than once before the head. */
  onEarlyHints(headers: HeaderTable): void
  onHead(head: UpstreamHead): void
  /** `chunk` is lent: good until it returns. */
  onBody(chunk: Buffer): void
  /** All input of one read was given: what is held back for a larger write should go now. */
  onReadComplete(): void
  /** The application's error stream. */
  onStderr(text: string): void
  /** Something for the error log that does not end the exchange. */
  onWarning(message: string): void
  /**
   * After a head of status 101: the exchange is over, and the connection is the listener's, which answers who hears it
   * from now on. `rest` came behind the head.
   */
  onUpgrade(connection: Transport, rest: Buffer): ConnectionOwner
  onEnd(trailers?: HeaderTable): void
  onFault(fault: ExchangeFault): void
}

/** A request body: one that is here, read by position, or one that still comes, taken piece by piece. */
export interface BodySource {
  /** Bytes in all; -1 when that is not known yet (`live` only). */
  readonly length: number
  /** The whole body, when it is in memory. */
  readonly memory: readonly Buffer[] | undefined
  readonly live?: LiveBody | undefined
  /** Reads from `position` on into `into`, of a body that is here; answers how many bytes. @throws the system's error. */
  readAt(position: number, into: Buffer): number
}

/** A body that still comes. */
export interface LiveBody {
  /** Whether any of it was taken: it cannot be sent twice. */
  readonly taken: boolean
  /** All of it was taken. */
  readonly ended: boolean
  take(): Buffer | undefined
  /** Calls when there is more to take, or nothing more will come. */
  listen(onMore: () => void): void
}

export interface Exchange {
  /** Stops `onBody` for a while; what arrives is bounded by the protocol's own means. */
  pause(): void
  resume(): void
  /** Bytes on the wire; 0 where several requests share it. */
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Gives up: the peer is told where the protocol can. Nothing is called any more. */
  abort(): void
}

/** Where a request goes and how it is said there: what a `*_pass` makes of its arguments. */
export interface UpstreamTarget {
  readonly group: PeerGroup
  /** `$proxy_host` and `$proxy_port`; '' where the protocol has no such thing. */
  readonly host: string
  readonly port: string
  /** Whether a body can be sent whose length is not known yet. */
  readonly takesUnknownLength: boolean
  /** Sends the request to a peer of the group. @throws the codec's error for what the protocol cannot carry. */
  begin(request: Request, peer: Peer, attempt: AttemptParts): Exchange
}

/** What an attempt is made of, besides request and peer. */
export interface AttemptParts {
  readonly body: BodySource | undefined
  readonly dialling: Dialling
  readonly listener: ExchangeListener
  /** Whose kept connections are used, where not those of the target's own group. */
  readonly pool?: PeerGroup | undefined
}

/** A CGI-style protocol. `params` is flat: name, value, name, value. */
export interface GatewayClient {
  /** As of an UpstreamTarget. */
  readonly takesUnknownLength: boolean
  begin(group: PeerGroup, peer: Peer, params: readonly string[], attempt: AttemptParts): Exchange
}
