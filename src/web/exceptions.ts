/**
 * What a view, a middleware or a parser throws to be answered with something other than 500. Each layer of the
 * handler turns them into responses: see handlers/exception-responses.ts for the table.
 */

/** The settings or the URLconf are wrong: thrown while they load, never while a request is answered. */
export class ImproperlyConfigured extends Error {
  override readonly name = 'ImproperlyConfigured'
}

/** Thrown by the constructor or factory of a middleware that wants to be left out. */
export class MiddlewareNotUsed extends Error {
  override readonly name = 'MiddlewareNotUsed'
}

/** Nothing is there: thrown by a view, it becomes the answer of handler404. */
export class Http404 extends Error {
  override readonly name: string = 'Http404'
}

/** Not for this visitor: thrown by a view, it becomes the answer of handler403. */
export class PermissionDenied extends Error {
  override readonly name: string = 'PermissionDenied'
}

/** The request makes no sense: thrown by a view, it becomes the answer of handler400. */
export class BadRequest extends Error {
  override readonly name: string = 'BadRequest'
}

/** 400, logged as a matter of security. */
export class SuspiciousOperation extends Error {
  override readonly name: string = 'SuspiciousOperation'
}

/** The Host header is none of `allowedHosts`. */
export class DisallowedHost extends SuspiciousOperation {
  override readonly name = 'DisallowedHost'
}

/** A redirect to a scheme that runs code or leaves HTTP. */
export class DisallowedRedirect extends SuspiciousOperation {
  override readonly name = 'DisallowedRedirect'
}

/** More body than `dataUploadMaxMemorySize`, files apart. */
export class RequestDataTooBig extends SuspiciousOperation {
  override readonly name = 'RequestDataTooBig'
}

/** More fields than `dataUploadMaxNumberFields`. */
export class TooManyFieldsSent extends SuspiciousOperation {
  override readonly name = 'TooManyFieldsSent'
}

/** More files than `dataUploadMaxNumberFiles`. */
export class TooManyFilesSent extends SuspiciousOperation {
  override readonly name = 'TooManyFilesSent'
}

/** A file name that is a path, or nothing at all. */
export class SuspiciousFileOperation extends SuspiciousOperation {
  override readonly name = 'SuspiciousFileOperation'
}

/** 400: a multipart body that is none. */
export class MultiPartParserError extends BadRequest {
  override readonly name = 'MultiPartParserError'
}

/** The body could not be read to its end; the message is the server's, mostly that the client went away. */
export class UnreadablePostError extends Error {
  override readonly name = 'UnreadablePostError'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** The session ended, elsewhere, while this request changed it: 400. */
export class SessionInterrupted extends BadRequest {
  override readonly name = 'SessionInterrupted'
}

/** A header name or value that cannot go on the wire: CR, LF or NUL in it. */
export class BadHeaderError extends Error {
  override readonly name = 'BadHeaderError'
}
