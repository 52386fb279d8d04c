/**
 * One request in the front: the immutable head as it came, the state that the phases change, and the fields of the
 * response before they are written. One object with all its fields from the start, because one is made per request.
 */
import type { PcreMatch } from '../config/pcre.ts'
import type { HeaderTable } from '../http/header-table.ts'
import type { RequestHead } from '../protocol/http1/message.ts'
import type { ClientConnection } from './client-connection.ts'
import { newRequestId } from './request-id.ts'
import type { RequestBody } from './request-body.ts'
import type { DrainListener, HoldingSink, ResponseOutput } from './response-output.ts'
import type { Location, Server } from './server-config.ts'
import type { UpstreamTrail } from './upstream/trail.ts'

/** Internal redirects and rewrite cycles that one request may make (nginx: 10). */
const MAX_URI_CHANGES = 10

/** `error_page 404 = /x`: the status of the answer goes out, but no second error page is looked for. */
export const ANY_STATUS = -1

/** Fields by which a server names itself. */
export interface ResponseIdentity {
  server: string | undefined
  date: string | undefined
}

export class Request {
  readonly connection: ClientConnection
  readonly head: RequestHead
  /** Wall clock at the first byte of the request, milliseconds. */
  readonly startMs: number
  /** Monotonic clock at the same moment: what durations are taken from. */
  readonly startTick: number

  /** The client's address: the connection's, unless the PROXY protocol or a trusted proxy named another. */
  remoteAddress: string
  remotePort: number
  server: Server
  location: Location
  /** Changes with `error_page`, which makes it GET. */
  method: string
  /** Normalised path, decoded once; Latin-1 code points. */
  uri = ''
  /** After the `?`, without it; undecoded. */
  args = ''
  /** Path and query as the client sent them, before decoding; without scheme and host: `$request_uri`. */
  rawUri = ''
  /** `uri` and `args` as they were before anything changed them. */
  clientUri = ''
  clientArgs = ''
  /** A rewrite with `break` made another path within this location, of which the location's prefix is no part. */
  pathReplaced = false
  /** In the location of a regular expression `try_files` found a file under its alias: `uri` is the path below that. */
  uriBehindAlias = false
  /** Host name without port, lower-case; empty when there was none. */
  host = ''
  internal = false
  uriChangesLeft = MAX_URI_CHANGES
  /** Set by rewrites: the location has to be looked up again after the rewrite phase. */
  uriChanged = false
  phase = 0
  captures: PcreMatch | undefined
  serverCaptures: PcreMatch | undefined
  /** Values that `set` and `map` assigned, by slot. */
  slots: (string | undefined)[] | undefined
  body: RequestBody | undefined
  /** The request that this one was made for; undefined for a client's own. */
  parent: Request | undefined
  /** Subrequests under way. */
  children: Set<Request> | undefined
  /** Called when the last of them is over. */
  whenAlone: (() => void) | undefined
  /** How many requests stand between this one and the client's own. */
  depth = 0
  /** Of a subrequest that does what its parent does: where among the parent's handlers it begins. */
  resumeAt: { readonly location: Location; readonly phase: number } | undefined
  /** Of a subrequest: takes a status that it would end with, instead of an error page. */
  takesStatus: ((status: number) => boolean) | undefined
  /** `Expect: 100-continue` was not answered: whether the body will come is not known (RFC 9110 section 10.1.1). */
  bodyWithheld: boolean
  /** It was too large or no body at all: nobody reads it any more, not even the page that `error_page` names. */
  bodyRefused = false

  status = 0
  /** What an upstream said beside its status; it goes out as long as `status` is still `reasonStatus`. */
  reason = ''
  reasonStatus = 0
  /** Status that every answer gets while an `error_page` is followed; 0 when none is, ANY_STATUS for the answer's own. */
  errorStatus = 0
  /** No further `error_page` is looked up (`recursive_error_pages off`). */
  errorPageUsed = false
  /** Where an outcome NAMED goes: `@name`. */
  namedTarget = ''
  contentType: string | undefined
  /** Of the body, where the type itself does not say it. */
  charset: string | undefined
  /** What an application's Content-Type says of it; '' for nothing. */
  declaredCharset = ''
  /** `X-Accel-Charset`. */
  overrideCharset: string | undefined
  /** Bytes; -1 when not known before the end. */
  contentLength = -1
  /** Seconds since the epoch; -1 for no Last-Modified. */
  lastModified = -1
  etag: string | undefined
  acceptRanges = false
  contentEncoding: string | undefined
  /** Other clients may get it coded otherwise: `Vary: Accept-Encoding`. */
  varies = false
  /** Flat name, value, name, value. */
  extraHeaders: string[] = []
  /** Where in `extraHeaders` the fields of `add_header` and `expires` are, once they are added. */
  configuredFrom = -1
  configuredEnd = -1
  /** Server and Date of an upstream that take the place of our own. */
  identity: ResponseIdentity | undefined
  keepAlive: boolean
  headSent = false
  headBytes = 0
  bodyBytesSent = 0
  chunked = false
  /** Over, one way or another: it is logged and nothing more is written. */
  finished = false
  /** The answer was written whole. */
  completed = false
  /** A handler threw: what the conf adds to answers is not tried again. */
  failed = false
  /** Where the response goes when not straight to the connection: filters, or the caller of a subrequest. */
  output: ResponseOutput | undefined
  /** Of a subrequest: where its response goes behind all filters. */
  destination: ResponseOutput | undefined
  /** Filters that may hold the body back; the last, which writes to the connection, comes first. */
  holders: HoldingSink[] | undefined
  /** What holds the body back beside the client: HELD_BY_PART, HELD_BY_CODING, HELD_BY_PACE. */
  heldBy = 0
  /** Who writes the body, while it waits for something other than the connection. */
  drainListener: DrainListener | undefined
  /** Whether the location's filters have seen this response. */
  filtered = false
  /** Fields to send after a chunked body, evaluated then. */
  trailers: ((request: Request) => readonly (readonly [name: string, value: string])[]) | undefined
  /** The bytes that a coding took and gave (`$gzip_ratio`). */
  coded: { readonly bytesIn: number; readonly bytesOut: number } | undefined
  /** Bytes per second; -1 until something sets it, 0 for no limit. */
  limitRate = -1
  /** Called once when the request is over. */
  cleanups: (() => void)[] | undefined
  upstream: UpstreamTrail | undefined
  #id: string | undefined
  #bodyReleased = false

  constructor(
    connection: ClientConnection,
    head: RequestHead,
    server: Server,
    startMs: number,
    startTick: number,
  ) {
    this.connection = connection
    this.head = head
    this.server = server
    this.remoteAddress = connection.remoteAddress
    this.remotePort = connection.remotePort
    this.location = server.outer
    this.method = head.method
    this.keepAlive = head.keepAlive
    this.bodyWithheld = head.expectContinue && head.framing.kind !== 'none'
    this.startMs = startMs
    this.startTick = startTick
  }

  get headers(): HeaderTable {
    return this.head.headers
  }

  /** 32 hexadecimal digits, made when first asked for: `$request_id`. */
  get id(): string {
    return this.parent ? this.parent.id : (this.#id ??= newRequestId())
  }

  /** `$1`, `$2`, ... of the last regular expression that matched. */
  capture(index: number): string {
    return this.captures?.[index] ?? ''
  }

  /** The client is gone, or says that it sends nothing more: whoever works for this request hears of it. */
  clientGone(): void {
    for (const child of this.children ?? []) child.clientGone()
    const listener = this.drainListener
    this.drainListener = undefined
    if (listener && this.connection.closed) listener.onGone()
    this.upstream?.onClientGone()
  }

  /** What `onceOver` gathered is done, here and for all that this request asked for; once. */
  cleanUp(): void {
    const { body, cleanups, children } = this
    if (children) for (const child of children) child.cleanUp()
    if (!this.#bodyReleased) body?.release()
    this.#bodyReleased = true
    this.cleanups = undefined
    if (cleanups) for (const cleanup of cleanups) cleanup()
  }

  /** Filters say that they may hold the body back when they are made, which is from the last to the first. */
  addHolder(filter: HoldingSink): void {
    if (this.holders) this.holders.push(filter)
    else this.holders = [filter]
  }

  /** Calls `cleanup` when the request is over, however it ends. */
  onceOver(cleanup: () => void): void {
    if (this.cleanups) this.cleanups.push(cleanup)
    else this.cleanups = [cleanup]
  }

  /** Sets the one `Location`: an answer that takes the place of a redirect has none of its own beside. */
  setLocation(value: string): void {
    this.removeHeader('location')
    this.addHeader('Location', value)
  }

  /** `name` is lower-case. */
  removeHeader(name: string): void {
    const { extraHeaders } = this
    for (let index = extraHeaders.length - 2; index >= 0; index -= 2) {
      if (extraHeaders[index]?.toLowerCase() === name) extraHeaders.splice(index, 2)
    }
  }

  addHeader(name: string, value: string): void {
    this.extraHeaders.push(name, value)
  }

  /** Takes back what an abandoned answer had set, before an error page or another peer answers instead. */
  resetResponse(): void {
    this.resetRepresentation()
    if (this.extraHeaders.length > 0) this.extraHeaders = []
    this.configuredFrom = -1
    this.identity = undefined
    this.reason = ''
    this.reasonStatus = 0
  }

  resetRepresentation(): void {
    this.contentType = undefined
    this.charset = undefined
    this.declaredCharset = ''
    this.overrideCharset = undefined
    this.contentLength = -1
    this.lastModified = -1
    this.etag = undefined
    this.acceptRanges = false
    this.contentEncoding = undefined
    this.trailers = undefined
    if (this.filtered) {
      if (this.configuredFrom >= 0) {
        this.extraHeaders.splice(this.configuredFrom, this.configuredEnd - this.configuredFrom)
        this.configuredFrom = -1
      }
      this.filtered = false
      this.output = this.destination
      this.holders = undefined
      this.heldBy = 0
    }
  }
}
