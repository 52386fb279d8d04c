/**
 * What stands between a handler's body and the socket when a response is not written as it is: the filters of a
 * location (compression, recoding, pacing), or the caller of a subrequest. The chain is made once, when the head is.
 */
import type { Request } from './request.ts'

/** Who waits for the socket to take more: the writer of the current response. */
export interface DrainListener {
  onDrain(): void
  /** The connection is gone; nothing more can be written. */
  onGone(): void
}

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

/** A filter that may hold the body back, or keep what those behind it do not take. */
export interface HoldingSink extends BodySink {
  /** What is behind it takes more. */
  onRoom(): void
}

/** A subrequest whose turn it is. */
export const HELD_BY_PART = 1
/** A coding that has enough of the body to do. */
export const HELD_BY_CODING = 2
/** The rate that the response is limited to: a client that waits for that is not slow. */
export const HELD_BY_PACE = 4

/** Calls `listener` when more of the body may be written, after a write that answered false. */
export function waitForRoom(request: Request, listener: DrainListener): void {
  if (request.parent || request.heldBy !== 0) request.drainListener = listener
  else request.connection.waitForDrain(listener)
}

/** The writer waits until `letWriterGoOn`, whatever the connection would take. */
export function holdWriter(request: Request, by: number): void {
  request.heldBy |= by
}

/** Undoes `holdWriter`, for the filters before this one too; those behind it have no part in it. */
export function letWriterGoOn(request: Request, by: number, filter: HoldingSink): void {
  if ((request.heldBy & by) === 0) return
  request.heldBy &= ~by
  goOnBefore(request, filter)
}

/** What is behind all filters of this response takes more. */
export function resumeFilters(request: Request): void {
  goOnBefore(request, undefined)
}

function goOnBefore(request: Request, filter: HoldingSink | undefined): void {
  if (request.finished) return
  const { holders } = request
  if (holders) {
    const first = filter ? holders.indexOf(filter) + 1 : 0
    for (let index = first; index < holders.length; index += 1) holders[index]?.onRoom()
  }
  if (request.heldBy !== 0) return
  const listener = request.drainListener
  request.drainListener = undefined
  listener?.onDrain()
}
