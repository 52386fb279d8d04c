/**
 * The peers that one request is tried on, one after the other: the name that is resolved first, whose session the
 * request belongs to, who has been tried already, and the wait for one where none is free.
 */
import type { Request } from '../request.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'
import type { Queued } from './peer-queue.ts'

export interface PeerSeeker {
  onPeer(peer: Peer): void
  /** There is none now; it waits in the group's `queue`. */
  onQueued(timeoutMs: number): void
  /** There is none. The message is the error log's. */
  onNoPeer(message: string): void
}

const NONE = 'no live upstreams while connecting to upstream'
const NONE_IN_TIME = 'no live upstreams for as long as the queue lets wait while connecting to upstream'

export class PeerSearch implements Queued {
  readonly #group: PeerGroup
  readonly #request: Request
  readonly #seeker: PeerSeeker
  /** One, nearly always. */
  readonly #tried: Peer[] = []
  /** Id of the peer whose session the request belongs to (`sticky learn`). */
  #boundTo = ''
  #queued = false
  #over = false

  constructor(group: PeerGroup, request: Request, seeker: PeerSeeker) {
    this.#group = group
    this.#request = request
    this.#seeker = seeker
  }

  /** Peers that it was sent to. Not those whose kept connection was closed already: they are no tries, as with nginx. */
  get tries(): number {
    return this.#tried.length
  }

  get hasOther(): boolean {
    return this.#group.hasOther(this.#tried)
  }

  /** Whether its session is known. */
  get bound(): boolean {
    return this.#boundTo !== ''
  }

  /** A name that variables made is asked for first. */
  begin(): void {
    const resolved = this.#group.resolved()
    if (!resolved) {
      this.#findSession()
      return
    }
    resolved.then(
      () => {
        if (!this.#over) this.#findSession()
      },
      (error: unknown) => {
        if (!this.#over) this.#seeker.onNoPeer(error instanceof Error ? error.message : String(error))
      },
    )
  }

  /** All workers know of sessions, so that the answer may take a while. */
  #findSession(): void {
    const found = this.#group.sticky?.learned?.find(this.#request) ?? ''
    if (found instanceof Promise) {
      void found.then((id) => {
        this.#boundTo = id
        if (!this.#over) this.next()
      })
      return
    }
    this.#boundTo = found
    this.next()
  }

  next(): void {
    const { queue } = this.#group
    const peer = this.#pick()
    if (peer) this.#found(peer)
    else if (queue?.join(this)) {
      this.#queued = true
      this.#seeker.onQueued(queue.timeoutMs)
    } else this.#seeker.onNoPeer(NONE)
  }

  /** Of the queue. */
  tryAgain(): boolean {
    const peer = this.#pick()
    if (!peer) return false
    this.#leaveQueue()
    this.#found(peer)
    return true
  }

  /** The time is over. False where it did not wait. */
  giveUp(): boolean {
    if (!this.#queued) return false
    this.#seeker.onNoPeer(NONE_IN_TIME)
    return true
  }

  /** It was no try: the same peer may be asked again, on another connection. */
  forgive(peer: Peer): void {
    this.#tried.splice(this.#tried.lastIndexOf(peer), 1)
  }

  /** Nobody looks for a peer any more. */
  end(): void {
    this.#over = true
    if (this.#queued) this.#leaveQueue()
  }

  #pick(): Peer | undefined {
    return this.#group.pick(this.#tried, this.#request, this.#boundTo)
  }

  #found(peer: Peer): void {
    this.#tried.push(peer)
    this.#seeker.onPeer(peer)
  }

  #leaveQueue(): void {
    this.#queued = false
    this.#group.queue?.leave(this)
  }
}
