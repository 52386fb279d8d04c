/**
 * What an application, or the front's variables, did against PEP 3333. The table says what the code means; the
 * message of each error is a sentence about the very thing that was wrong, and what to write instead.
 */

const TABLE = {
  // The response.
  WSGI_NO_START_RESPONSE: 'the body came before startResponse was called',
  WSGI_HEADERS_SENT: 'startResponse was called again without excInfo',
  WSGI_BAD_STATUS: 'the status is not a string like "200 OK", or not one that an application may send',
  WSGI_BAD_HEADERS: 'the headers are not an array of [name, value] pairs',
  WSGI_BAD_HEADER: 'a header would not be one line of a response head, or is not for applications to send',
  WSGI_HOP_BY_HOP: "a header that belongs to the connection, which is the server's",
  WSGI_BAD_EXC_INFO: 'excInfo is not an object with the error in it',
  WSGI_BAD_BODY: 'what the application returned is not an iterable of bytes',
  WSGI_BAD_CHUNK: 'a piece of the body is not bytes',
  WSGI_BODY_TOO_LONG: 'more body than Content-Length says',
  WSGI_BODY_TOO_SHORT: 'less body than Content-Length says',
  WSGI_WRITE_AFTER_END: 'write() after the response ended',
  // The request.
  WSGI_NO_METHOD: 'the front sent no REQUEST_METHOD',
  WSGI_INPUT_TRUNCATED: 'the client went away before the whole body was here',
  WSGI_INPUT_DROPPED: 'the response ended before the whole body was read, and the rest of it was dropped',
  WSGI_INPUT_BUSY: 'a read of wsgi.input began before the one before it was done',
  // Found by the validator only.
  WSGI_VALIDATOR: 'a rule of PEP 3333 was broken',
} as const satisfies Record<string, string>

/** Which clause was broken; the table above says each. */
export type WsgiErrorCode = keyof typeof TABLE

/** Server or application broke a clause of the gateway interface (PEP 3333). */
export class WsgiError extends Error {
  readonly code: WsgiErrorCode

  constructor(code: WsgiErrorCode, message: string = TABLE[code], options?: ErrorOptions) {
    super(message, options)
    this.name = 'WsgiError'
    this.code = code
  }
}
