/**
 * Requests that a request makes for itself (`auth_request`, `mirror`, SSI, `add_after_body`): they run through the
 * phases of the same server, on the same connection, and their answer goes to the caller instead of the client.
 */
import { monotonicMs } from '../io/clock.ts'
import { logRequest } from './access-log.ts'
import { runSubrequestPhases } from './phases.ts'
import { Request } from './request.ts'
import type { ResponseOutput } from './response-output.ts'

/** Called once, with the status and fields of the answer in `subrequest`. */
export type SubrequestDone = (subrequest: Request) => void

/** Requests for requests for requests: so deep and no deeper (as nginx). */
const MAX_DEPTH = 51

/** Internal redirects and rewrite cycles of a subrequest, its own beginning being the first. */
const URI_CHANGES = 11

/** An answer of which only status and fields matter. */
class HeadOutput implements ResponseOutput {
  readonly headOnly = true
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
    finishSubrequest(this.#request)
    this.#done(this.#request)
  }
}

/** The answer is whole, or nobody wants it any more. */
export function finishSubrequest(request: Request): void {
  if (request.finished) return
  request.finished = request.completed = true
  const { parent } = request
  parent?.children?.delete(request)
  logRequest(request)
  if (parent?.children?.size === 0) parent.whenAlone?.()
}

/** Of a request that stands for its parent elsewhere (`mirror`). */
export interface SubrequestOptions {
  readonly method: string
  /** The body that the parent has read goes along. */
  readonly withBody: boolean
}

/**
 * A GET for `uri` without the body of `parent`; variables are shared. Its `destination` is for the caller to set.
 * Undefined, with a line in the log, when requests call each other in a circle.
 */
export function makeSubrequest(
  parent: Request,
  uri: string,
  args: string,
  options?: SubrequestOptions,
): Request | undefined {
  if (parent.depth >= MAX_DEPTH) {
    parent.location.settings.errorLog.request('error', parent, `subrequests cycle while processing "${uri}"`)
    return undefined
  }
  const body = options?.withBody ? parent.body : undefined
  const framing = body ? parent.head.framing : ({ kind: 'none' } as const)
  const head = { ...parent.head, framing, expectContinue: false }
  const request = new Request(parent.connection, head, parent.server, Date.now(), monotonicMs())
  request.parent = parent
  request.depth = parent.depth + 1
  request.remoteAddress = parent.remoteAddress
  request.remotePort = parent.remotePort
  request.method = options?.method ?? 'GET'
  request.body = body?.share()
  request.uri = uri
  request.rawUri = parent.rawUri
  request.args = args
  request.host = parent.host
  request.internal = true
  request.captures = parent.captures
  request.slots = parent.slots ??= []
  request.uriChangesLeft = URI_CHANGES
  return request
}

/** Begins what `makeSubrequest` made; its answer may come before this returns. */
export function startSubrequest(request: Request): void {
  const { parent } = request
  if (!parent || parent.finished) return
  request.output = request.destination
  if (parent.children) parent.children.add(request)
  else parent.children = new Set([request])
  runSubrequestPhases(request)
}

/** Asks for status and fields of `uri`. `done` may be called before it returns; undefined: a circle of requests. */
export function runSubrequest(
  parent: Request,
  uri: string,
  args: string,
  done: SubrequestDone,
  options?: SubrequestOptions,
): Request | undefined {
  const request = makeSubrequest(parent, uri, args, options)
  if (!request) return undefined
  request.destination = new HeadOutput(request, done)
  startSubrequest(request)
  return request
}
