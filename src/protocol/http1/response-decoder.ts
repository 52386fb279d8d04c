/**
 * HTTP/1 responses of one upstream connection, one for each `begin()`: head, body. Interim responses are skipped, but
 * for the fields of 103.
 *
 *     begin('GET')     a request was sent
 *     receive(bytes)   stores
 *     nextHead()       the head, or undefined: needs more bytes
 *     nextBody()       a piece of the body, or undefined: needs more bytes, or bodyDone
 *     receiveEnd()     the upstream closed: ends a body without length, is an error in any other
 *     reusable         whether the connection may carry another request
 *
 * Flaws throw Http1Error of the upstream's side. See inbox.ts for who owns the received buffers. What CGI applications
 * answer is another format: gateway/cgi-response.ts.
 */
import { CONNECTION_CLOSE, CONNECTION_KEEP_ALIVE, connectionOptions } from '../../http/connection.ts'
import { HeaderTable } from '../../http/header-table.ts'
import { BodyDecoder } from './body-decoder.ts'
import type { FieldLimits } from './field-section.ts'
import { FieldSection } from './field-section.ts'
import { Http1Error } from './http1-error.ts'
import { Inbox, NEED_DATA, OVER_LIMIT } from './inbox.ts'
import type { ResponseHead, ResponseLimits } from './message.ts'
import { responseFraming } from './response-framing.ts'
import { UPSTREAM } from './side-errors.ts'
import type { StatusLine } from './status-line.ts'
import { parseStatusLine } from './status-line.ts'

/** Interim responses to one request; an endless series would keep it waiting for ever. */
const MAX_INTERIM = 16
const NO_HINTS: readonly HeaderTable[] = []

export class ResponseDecoder {
  readonly #limits: FieldLimits
  readonly #inbox = new Inbox()
  readonly #section: FieldSection
  readonly #body: BodyDecoder
  #headers = new HeaderTable()
  #method = ''
  #upgradeAsked = false
  #line: StatusLine | undefined
  #interim = 0
  #head: ResponseHead | undefined
  #ended = false
  #earlyHints: HeaderTable[] = []

  constructor(limits: ResponseLimits) {
    this.#limits = {
      ...limits,
      lineBytes: limits.headBytes,
      underscores: true,
      ignoreInvalid: false,
      strict: false,
    }
    this.#section = new FieldSection(this.#headers, this.#limits, UPSTREAM)
    this.#body = new BodyDecoder(this.#limits, UPSTREAM)
  }

  /** A request of that method was sent; `upgrade` allows 101. */
  begin(method: string, upgrade = false): void {
    this.#method = method
    this.#upgradeAsked = upgrade
    this.#head = undefined
    this.#line = undefined
    this.#interim = 0
  }

  receive(bytes: Buffer): void {
    this.#inbox.receive(bytes)
  }

  get buffered(): number {
    return this.#inbox.length
  }

  /** The head was given out and its body is complete. */
  get bodyDone(): boolean {
    return this.#head !== undefined && this.#body.done
  }

  /** Bytes behind the response: nobody asked for them, they must never answer the next request. */
  get hasExtraBytes(): boolean {
    return this.bodyDone && this.#inbox.length > 0
  }

  get reusable(): boolean {
    return this.bodyDone && this.#head?.keepAlive === true && this.#inbox.length === 0 && !this.#ended
  }

  /** Trailer fields of the last chunked body, when it had any. */
  get trailers(): HeaderTable | undefined {
    return this.#body.trailers
  }

  nextHead(): ResponseHead | undefined {
    for (;;) {
      const line = this.#line ?? this.#statusLine()
      if (line === undefined || !this.#section.read(this.#inbox)) return undefined
      const head = this.#finishHead(line)
      this.#line = undefined
      if (head.status >= 200 || head.status === 101) {
        this.#head = head
        this.#body.begin(head.framing)
        return head
      }
      if (head.status === 103) this.#earlyHints.push(head.headers)
      if (++this.#interim > MAX_INTERIM) throw new Http1Error('upstream_too_many_interim')
    }
  }

  /** Fields of the 103 responses that came since it was asked last. */
  takeEarlyHints(): readonly HeaderTable[] {
    if (this.#earlyHints.length === 0) return NO_HINTS
    const hints = this.#earlyHints
    this.#earlyHints = []
    return hints
  }

  nextBody(): Buffer | undefined {
    return this.#body.next(this.#inbox)
  }

  /** Call it when everything received was taken out. Between responses it is only an idle connection's end. */
  receiveEnd(): void {
    this.#ended = true
    if (this.#head === undefined || !this.#body.end()) throw new Http1Error('upstream_premature_close')
  }

  /** See inbox.ts: copies what is unread, so that the buffers given to receive() may be written again. */
  retain(): void {
    this.#inbox.retain()
  }

  /** Everything unread, for who takes the connection over after 101. */
  takeRest(): Buffer {
    return this.#inbox.takeRest()
  }

  /** Begins a head; undefined when more bytes are needed. */
  #statusLine(): StatusLine | undefined {
    const inbox = this.#inbox
    for (;;) {
      const end = inbox.lineEnd(this.#limits.headBytes)
      if (end === OVER_LIMIT) throw new Http1Error('upstream_head_too_large')
      if (end !== NEED_DATA) {
        const start = inbox.position
        const text = inbox.text(start, end)
        this.#line = parseStatusLine(text)
        if (this.#line === undefined) throw new Http1Error('upstream_invalid_status', text)
        inbox.position = end + 1
        this.#headers = new HeaderTable()
        this.#section.begin(this.#headers, end + 1 - start)
        return this.#line
      }
      if (!inbox.more()) return undefined
    }
  }

  #finishHead(line: StatusLine): ResponseHead {
    const section = this.#section
    const { version, status, reason } = line
    if (status === 101 && !this.#upgradeAsked) throw new Http1Error('upstream_unexpected_upgrade')
    const framing = responseFraming(this.#method, version, status, section)
    const keepAlive = framing.kind !== 'close' && status !== 101 && isKeptAlive(version, section.connection)
    return {
      status,
      reason,
      version,
      headers: this.#headers,
      framing,
      keepAlive,
      headLength: section.headBytes,
    }
  }
}

function isKeptAlive(version: 10 | 11, connection: string | undefined): boolean {
  const options = connection === undefined ? 0 : connectionOptions(connection)
  if ((options & CONNECTION_CLOSE) !== 0) return false
  return version === 11 || (options & CONNECTION_KEEP_ALIVE) !== 0
}
