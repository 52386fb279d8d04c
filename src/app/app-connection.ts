/** A connection from a front, whatever protocol it speaks. */
export interface AppConnection {
  /** Takes no new work: closes when what is in flight is done, at once when nothing is. */
  drain(): void
  /** The time for draining is over: ends what it carries in order. Absent where nothing would hear of it. */
  cut?(): void
  /** Closes now. */
  destroy(): void
}

export interface AppConnectionOwner {
  /** Exactly once, last. */
  onConnectionClosed(connection: AppConnection): void
}
