/** What the application says to startResponse and write(), and whether its body keeps what it said. */
import type { ExcInfo, HeaderPair, StartResponse, Write } from '../application.ts'
import { checkChunk, checkExcInfo } from '../body-checks.ts'
import { describeValue } from '../describe-value.ts'
import { checkHeaders, checkStatus } from '../response-head.ts'
import { WsgiError } from '../wsgi-error.ts'
import { quoted, rule } from './rule.ts'

export class CheckedResponse {
  readonly #server: StartResponse
  readonly #isHead: boolean
  #code = 0
  #length = -1
  #sent = 0
  #writing = false
  closed = false

  constructor(server: StartResponse, isHead: boolean) {
    this.#server = server
    this.#isHead = isHead
  }

  /** What the application gets as startResponse. */
  start(args: readonly unknown[]): Write {
    rule(
      args.length === 2 || args.length === 3,
      `startResponse got ${args.length} arguments; it takes status, headers and perhaps { error }`,
    )
    const [status, headers, excInfo] = args as [string, readonly HeaderPair[], ExcInfo | null | undefined]
    if (excInfo !== undefined && excInfo !== null) checkExcInfo(excInfo)
    else if (this.#code !== 0) throw new WsgiError('WSGI_HEADERS_SENT', SECOND_START)
    rule(!this.closed, 'startResponse was called after the body was closed')
    const code = checkStatus(status)
    const length = checkHeaders(headers)
    checkFields(code, headers)
    // Not the arguments themselves: excInfo must not be passed on as undefined by name.
    const write: unknown =
      args.length === 3 ? this.#server(status, headers, excInfo) : this.#server(status, headers)
    rule(
      typeof write === 'function',
      `the server's startResponse returned ${describeValue(write)}; it has to return write()`,
    )
    this.#code = code
    this.#length = length
    return (...data) => this.#write(write as Write, data)
  }

  #write(write: Write, args: readonly unknown[]): Promise<void> {
    rule(args.length === 1, `write() got ${args.length} arguments; it takes one piece of body`)
    rule(!this.closed, 'write() was called after the body was closed')
    rule(
      !this.#writing,
      'write() was called while another write() was waiting; await each one, or memory fills up',
    )
    const data = checkChunk(args[0])
    this.#account(data)
    const written: unknown = write(data)
    rule(
      typeof written === 'object' && written !== null && 'then' in written,
      `the server's write() returned ${describeValue(written)}; it has to be a promise`,
    )
    this.#writing = true
    return (written as Promise<void>).finally(() => (this.#writing = false))
  }

  /** A piece of body from the iterable. */
  take(chunk: unknown): Uint8Array {
    const data = checkChunk(chunk)
    if (this.#code === 0) {
      throw new WsgiError('WSGI_NO_START_RESPONSE', 'the body began before startResponse was called')
    }
    this.#account(data)
    return data
  }

  #account(data: Uint8Array): void {
    this.#sent += data.length
    rule(
      data.length === 0 || (this.#code !== 204 && this.#code !== 304),
      `the response is ${this.#code} and has a body; such a response has none`,
    )
    if (this.#length >= 0 && this.#sent > this.#length) {
      throw new WsgiError(
        'WSGI_BODY_TOO_LONG',
        `the body has more than the ${this.#length} bytes of its Content-Length`,
      )
    }
  }

  /** The iterable is through. */
  finish(): void {
    if (this.#code === 0) {
      throw new WsgiError('WSGI_NO_START_RESPONSE', 'the body ended, and startResponse was never called')
    }
    // A HEAD may be answered without making the body that its Content-Length describes.
    if (this.#sent < this.#length && !this.#isHead && this.#code !== 304) {
      throw new WsgiError(
        'WSGI_BODY_TOO_SHORT',
        `the body has ${this.#sent} bytes, and its Content-Length says ${this.#length}`,
      )
    }
  }
}

const SECOND_START =
  'startResponse was called a second time; to replace a response after an error, pass { error } as third argument'

function checkFields(code: number, headers: readonly HeaderPair[]): void {
  let typed = false
  for (const [name, value] of headers) {
    rule(
      !/[-_]$/.test(name),
      `the header name ${quoted(name)} ends with ${name.slice(-1)}; names end with a letter or digit`,
    )
    rule(
      !name.includes('_'),
      `the header name ${quoted(name)} has an underscore; fronts drop such headers, use a hyphen`,
    )
    rule(
      !value.includes('\t'),
      `the value of the header ${quoted(name)} has a tab; PEP 3333 allows no control characters`,
    )
    rule(
      !/^\s|\s$/.test(value),
      `the value of the header ${quoted(name)} begins or ends with white space, which gets lost`,
    )
    const lower = name.toLowerCase()
    if (lower === 'content-type') typed = true
    rule(
      code !== 204 || lower !== 'content-length',
      'the response is 204 and has a Content-Length; such a response has no body',
    )
  }
  const bodiless = code === 204 || code === 304
  rule(typed || bodiless, 'the response has no Content-Type; say what the body is, servers do not guess')
  rule(!typed || !bodiless, `the response is ${code} and has a Content-Type; such a response has no body`)
}
