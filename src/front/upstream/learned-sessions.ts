/** `sticky learn`: sessions that servers began, and whose they are. Known to all workers. */
import { createHash } from 'node:crypto'
import type { Request } from '../request.ts'
import type { BlobZone } from '../zones/zones.ts'
import type { Peer } from './peer.ts'
import { firstOf, stickyId, type Evaluate } from './sticky.ts'

export interface LearnedSessionsOptions {
  /** The first that is not empty names the session: one that a response begins, one that a request belongs to. */
  readonly create: readonly Evaluate[]
  readonly lookup: readonly Evaluate[]
  readonly zone: BlobZone
  /** Of a session that nobody asks for. */
  readonly timeoutMs: number
  /** Whether a session is learned as soon as the head of its response is here, instead of at its end. */
  readonly atHead: boolean
}

export class LearnedSessions {
  readonly atHead: boolean
  readonly #options: LearnedSessionsOptions

  constructor(options: LearnedSessionsOptions) {
    this.#options = options
    this.atHead = options.atHead
  }

  /** Id of the peer that the request is bound to; '' for none. */
  find(request: Request): string | Promise<string> {
    const { lookup, zone } = this.#options
    const session = firstOf(lookup, request)
    if (session === '') return ''
    const found = zone.get(keyOf(session))
    return found instanceof Promise ? found.then(idOf) : idOf(found)
  }

  /**
   * From an answer of this peer: the session that it begins is its own, and so is the one that was `found`, which lives
   * on from now, also where another peer had it and was not there.
   */
  learn(request: Request, peer: Peer, found: boolean): void {
    const { create, lookup, zone, timeoutMs } = this.#options
    const session = firstOf(create, request) || (found ? firstOf(lookup, request) : '')
    if (session !== '') zone.put(keyOf(session), Buffer.from(stickyId(peer), 'latin1'), timeoutMs)
  }
}

function idOf(value: Buffer | undefined): string {
  return value?.toString('latin1') ?? ''
}

/** Sessions are of any length, and clients say them: what is kept is short. */
function keyOf(session: string): string {
  return createHash('sha256').update(session, 'latin1').digest('base64url')
}
