/**
 * What stands between a handler's body and the socket when a response is not written as it is: the filters of a
 * location (compression, recoding, pacing), or the caller of a subrequest. The chain is made once, when the head is.
 */
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
}

/** Puts a filter before the sink that its output goes to. */
export type MakeSink = (next: BodySink) => BodySink

/** Looks at a response before its head is made; may change fields. Gives what changes the body, if anything does. */
export type ResponseFilter = (request: Request) => MakeSink | undefined

/** Tells the writer that waits for this request's response that it may go on. */
export function signalDrain(request: Request): void {
  if (!request.finished) request.connection.onDrain()
}
