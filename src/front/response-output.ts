/**
 * What stands between a handler's body and the socket when a response is not written as it is: the filters of a
 * location (compression, recoding, pacing), or the caller of a subrequest. The chain is made once, when the head is.
 */
import type { DrainListener } from './client-connection.ts'
import type { Request } from './request.ts'

/** Takes a body piece by piece. */
export interface BodySink {
  /**
   * Takes a piece, which may be empty; with `last`, the end follows it. Answers false when the writer should wait:
   * the connection then calls its drain listener.
   */
  write(chunk: Buffer, last: boolean): boolean
}

/** The whole of a response: its head, then its body. */
export interface ResponseOutput extends BodySink {
  /** The fields are final. With `bodyless` nothing follows. */
  begin(bodyless: boolean): void
  /** Of a subrequest's: only the head counts, so that no filter need see the body. */
  readonly headOnly?: boolean
}

/** Puts a filter before the sink that its output goes to. */
export type MakeSink = (next: BodySink) => BodySink

/** Looks at a response before its head is made; may change fields. Gives what changes the body, if anything does. */
export type ResponseFilter = (request: Request) => MakeSink | undefined

/** Calls `listener` when more of the body may be written, after a write that answered false. */
export function waitForRoom(request: Request, listener: DrainListener): void {
  if (request.parent || request.heldBack || request.backlogged || request.paced)
    request.drainListener = listener
  else request.connection.waitForDrain(listener)
}

/** Tells the filters and the writer of this request's response that they may go on. */
export function signalDrain(request: Request): void {
  if (request.finished) return
  if (!request.parent && !request.drainListener) {
    request.connection.onDrain()
    return
  }
  resumeFilters(request)
  callWriter(request)
}

/** The body waits to be coded: the writer waits too, whatever the connection would take. */
export function holdWriter(request: Request): void {
  request.backlogged = true
}

/** Undoes `holdWriter`; what is behind the filter that held it has no part in it. */
export function letWriterGoOn(request: Request): void {
  if (!request.backlogged) return
  request.backlogged = false
  if (!request.finished) callWriter(request)
}

function callWriter(request: Request): void {
  if (request.heldBack || request.backlogged || request.paced) return
  const listener = request.drainListener
  request.drainListener = undefined
  listener?.onDrain()
}

export function resumeFilters(request: Request): void {
  if (request.resumers) for (const resume of request.resumers) resume()
}
