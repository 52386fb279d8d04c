/**
 * The neck between the tiers: what a server calls and what an application is. PEP 3333 in TypeScript.
 *
 * Rules of this file: names and meanings are WSGI's; what PEP 3333 makes blocking returns a promise here, and
 * nothing else differs.
 */

/** Name and value, in the order they are to be sent. Strings hold Latin-1 code points only (PEP 3333, "Unicode Issues"). */
export type HeaderPair = readonly [name: string, value: string]

/** What `startResponse` gets as third argument when an application replaces a response after an error. */
export interface ExcInfo {
  readonly error: unknown
}

/** Writes one body chunk, resolved when the transport takes more. PEP 3333 keeps it for imperative code only. */
export type Write = (data: Uint8Array) => Promise<void>

/**
 * Begins the response. `status` is `'200 OK'`: three digits, a space, a reason.
 *
 * @throws WsgiError `WSGI_HEADERS_SENT` when called again without `excInfo`; with `excInfo` after the first body
 *   byte was sent it throws `excInfo.error` itself (PEP 3333, "The start_response() Callable").
 */
export type StartResponse = (
  status: string,
  headers: readonly HeaderPair[],
  excInfo?: ExcInfo | null,
) => Write

/**
 * The request body. Reads never pass the end that CONTENT_LENGTH (or the gateway's own end mark) gives; at the end
 * they resolve to an empty buffer. They reject when the client went away before the whole body was here. One read at
 * a time. Iteration gives pieces as they come, not lines as in PEP 3333: `readline` is for lines.
 */
export interface InputStream extends AsyncIterable<Buffer> {
  /** `size` bytes, fewer only at the end; all that is left without `size`. An empty buffer is the end. */
  read(size?: number): Promise<Buffer>
  /** One line with its LF, cut at `size` bytes. */
  readline(size?: number): Promise<Buffer>
  readlines(hint?: number): Promise<Buffer[]>
}

/** The application's error log: one call of `write` need not be one line. */
export interface ErrorStream {
  write(text: string): void
  writelines(lines: Iterable<string>): void
  flush(): void
}

/**
 * CGI variables (RFC 3875 section 4.1) and WSGI's own keys. A null-prototype object: a client cannot reach
 * `__proto__` through it. CGI values are strings of Latin-1 code points.
 */
export interface Environ {
  REQUEST_METHOD: string
  SCRIPT_NAME: string
  PATH_INFO: string
  QUERY_STRING: string
  SERVER_NAME: string
  SERVER_PORT: string
  SERVER_PROTOCOL: string
  CONTENT_TYPE?: string
  CONTENT_LENGTH?: string
  'wsgi.version': readonly [1, 0]
  'wsgi.url_scheme': 'http' | 'https'
  'wsgi.input': InputStream
  'wsgi.errors': ErrorStream
  'wsgi.multithread': boolean
  'wsgi.multiprocess': boolean
  'wsgi.run_once': boolean
  /** Sends a 103 with these fields now, ahead of the head (RFC 8297). Not there where nothing can carry it. */
  'portico.early_hints'?: SendFields
  /**
   * Fields behind the body (RFC 9110 section 6.5), given at any time before its end, and before it is returned where
   * it is a list. Not there where nothing can carry them.
   */
  'portico.trailers'?: SendFields
  /** A worker that is to go waits for it, within `worker_shutdown_timeout`. Not there where nobody can wait. */
  'portico.wait_until'?: (work: PromiseLike<unknown>) => void
  [key: string]: unknown
}

/** @throws WsgiError WSGI_BAD_HEADERS, WSGI_BAD_HEADER, WSGI_HOP_BY_HOP. */
export type SendFields = (headers: readonly HeaderPair[]) => void

/** What an application returns: chunks of the body. `close()` is called once if it is there, however the request ends. */
export type ResponseBody = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & {
  close?: () => void | Promise<void>
}

/** An application: function or bound method. It calls `startResponse` before the first chunk is taken. */
export type Application = (
  environ: Environ,
  startResponse: StartResponse,
) => ResponseBody | Promise<ResponseBody>
