import type { ConnectionOwner } from './connection.ts'

/**
 * What a connection is written to and ended by, whichever way its bytes go: a socket of node:net or tls
 * (connection.ts), or the bare handle beneath one (handle-transport.ts).
 */
export interface Transport {
  /** The bytes given to `onData` are good until it returns: who keeps them copies them. */
  readonly lendsBytes: boolean
  readonly destroyed: boolean
  /** All that was given to `write`. */
  readonly bytesWritten: number
  /** Less than `bytesWritten` by writes of which the kernel has had nothing; the same where that is not to be known. */
  readonly bytesTaken: number
  /** Bytes of writes that the kernel has not taken whole. */
  readonly pendingBytes: number
  /**
   * Whether `onDrain` follows. Bytes may be pending without it: node's sockets say it only after a `write` that
   * answered false, and over TLS hardly a write has left when it returns.
   */
  readonly willDrain: boolean
  /** Becomes less with every byte that the kernel takes, also in the middle of a write; no count of anything. */
  readonly unsentBytes: number
  /**
   * Strings are written as Latin-1; a buffer belongs to the transport until it has left. Answers false when the owner
   * should wait for `onDrain`.
   */
  write(data: string | Buffer): boolean
  /** What is written up to `uncork` leaves in one piece. */
  cork(): void
  uncork(): void
  pause(): void
  resume(): void
  /** Sends our FIN after what was written. */
  end(): void
  destroy(): void
  /** Closes once what was written has left, without waiting for the peer's FIN. */
  destroySoon(): void
  /** Closes with RST (`reset_timedout_connection`). */
  reset(): void
}

/** One that knows its ends and is silent until its owner is there: everything but a socket of node's. */
export interface StartedTransport extends Transport {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** Begins to read. */
  start(owner: ConnectionOwner): unknown
}
