/** Where the response of one request goes. Servers implement it, one for each protocol that they speak. */
import type { HeaderPair } from './application.ts'
import type { FieldSections } from './field-sections.ts'

/**
 * Calls come in this order: `head` once, `write` any number of times, then `end` or `abort` once; `abort` may come
 * at any time, also before `head`. Nothing comes after the run was cancelled. No method may throw.
 */
export interface ResponseSink {
  /** Undefined where the front cannot be told of more than head and body. */
  readonly sections?: FieldSections | undefined
  /** Something is to follow the body, so that its length must not be declared. */
  readonly hasTrailers?: boolean
  /**
   * `status` and `headers` were checked: one line each, no hop-by-hop headers. Content-Length is among them when the
   * length is known. Best kept until the first `write` or `end`, so that a small response leaves in one piece.
   */
  head(status: string, headers: readonly HeaderPair[]): void
  /** The head is to leave now, although no body has come. Absent where `head` does not wait. */
  flushHead?(): void
  /**
   * A piece of body, never an empty one, never for HEAD, 204 or 304, and no more than Content-Length in all. The
   * buffer is the application's: it may be written later but not changed. The promise is back-pressure: resolved
   * when more may come, rejected when the client is gone. Nothing is returned when more may come at once.
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** The response is whole. */
  end(): void
  /**
   * The response cannot be completed: the client has to see that, so no last chunk and no end record that says
   * complete (RFC 9112 section 8).
   */
  abort(error: unknown): void
}
