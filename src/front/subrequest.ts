/**
 * Requests that a request makes for itself (`auth_request`): they run through the phases of the same server, on the
 * same connection, and their answer goes to the caller instead of the client.
 */
import { monotonicMs } from '../io/clock.ts'
import { logRequest } from './access-log.ts'
import { runSubrequestPhases } from './phases.ts'
import { Request } from './request.ts'
import type { ResponseOutput } from './response-output.ts'

/** Called once, with the status and fields of the answer in `subrequest`. */
export type SubrequestDone = (subrequest: Request) => void

/** An answer of which only status and fields matter. */
class HeadOutput implements ResponseOutput {
  readonly #request: Request
  readonly #done: SubrequestDone
  #over = false

  constructor(request: Request, done: SubrequestDone) {
    this.#request = request
    this.#done = done
  }

  begin(bodyless: boolean): void {
    if (bodyless) this.#finish()
  }

  write(_chunk: Buffer, last: boolean): boolean {
    if (last) this.#finish()
    return true
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    const request = this.#request
    request.finished = true
    if (request.parent) request.parent.child = undefined
    if (request.location.settings.logSubrequest) logRequest(request)
    this.#done(request)
  }
}

/** Begins a GET for `uri` without the body of `parent`; variables are shared. `done` may be called before it returns. */
export function runSubrequest(parent: Request, uri: string, args: string, done: SubrequestDone): void {
  const head = { ...parent.head, framing: { kind: 'none' } as const, expectContinue: false }
  const request = new Request(parent.connection, head, parent.server, Date.now(), monotonicMs())
  request.parent = parent
  request.remoteAddress = parent.remoteAddress
  request.remotePort = parent.remotePort
  request.method = 'GET'
  request.uri = uri
  request.rawUri = parent.rawUri
  request.args = args
  request.host = parent.host
  request.internal = true
  request.captures = parent.captures
  request.slots = parent.slots ??= []
  request.uriChangesLeft = parent.uriChangesLeft
  request.output = new HeadOutput(request, done)
  parent.child = request
  runSubrequestPhases(request)
}
