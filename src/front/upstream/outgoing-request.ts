/**
 * The one place where a request to an HTTP upstream is made. In this order: what is only for the hop to us goes, the
 * conf's fields take the place of the client's, framing comes last and from the body that is really sent.
 */
import { hopByHopNames } from '../../http/connection.ts'
import { encodeRequestHead } from '../../protocol/http1/request-encoder.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'
import type { BodySource } from './exchange.ts'
import type { HttpRequest } from './http-channel.ts'

export interface SetHeader {
  readonly name: string
  readonly value: Value
}

export interface OutgoingOptions {
  readonly version: '1.0' | '1.1'
  /** `proxy_set_header`, the defaults of names that it leaves out included. An empty value: the field is not sent. */
  readonly setHeaders: readonly SetHeader[]
  readonly passHeaders: boolean
  readonly method: Value | undefined
  /** `proxy_set_body` */
  readonly body: Value | undefined
}

/** Ours to say, whatever client and conf say; Expect was answered by us (RFC 9110 section 10.1.1). */
const OWN_NAMES = ['content-length', 'transfer-encoding', 'expect']

export class OutgoingRequest {
  readonly #options: OutgoingOptions
  /** Lower-case names that the client's fields do not get through with. */
  readonly #taken: ReadonlySet<string>
  readonly #setHeaders: readonly SetHeader[]

  get version(): '1.0' | '1.1' {
    return this.#options.version
  }

  constructor(options: OutgoingOptions) {
    this.#options = options
    this.#setHeaders = options.setHeaders.filter(({ name }) => !OWN_NAMES.includes(name.toLowerCase()))
    this.#taken = new Set([...OWN_NAMES, ...options.setHeaders.map(({ name }) => name.toLowerCase())])
  }

  /** @throws Http1Error `refused_header` for what would not be one line. */
  make(request: Request, target: string, received: BodySource | undefined): HttpRequest {
    const { version, passHeaders } = this.#options
    const method = this.#options.method?.evaluate(request) ?? request.method
    const body = this.#options.body ? textBody(this.#options.body.evaluate(request)) : received
    const fields: string[] = []
    let connection = ''
    let upgrades = false
    for (const { name, value } of this.#setHeaders) {
      const text = value.evaluate(request)
      if (text === '') continue
      if (name.length === 10 && name.toLowerCase() === 'connection') connection = text.toLowerCase()
      else if (name.length === 7 && name.toLowerCase() === 'upgrade') upgrades = true
      fields.push(name, text)
    }
    if (passHeaders) this.#passHeaders(request, fields)
    const chunked = body !== undefined && body.length < 0
    if (chunked) fields.push('Transfer-Encoding', 'chunked')
    else if (body) fields.push('Content-Length', String(body.length))
    const keepAlive = version === '1.1' ? connection !== 'close' : connection === 'keep-alive'
    const upgrade = upgrades && version === '1.1' && mayUpgrade(request)
    return {
      method,
      head: encodeRequestHead(method, target, version, fields),
      body,
      chunked,
      keepAlive,
      upgrade,
    }
  }

  #passHeaders({ headers }: Request, fields: string[]): void {
    const { names, rawNames, values } = headers
    const hop = hopByHopNames(headers)
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string
      if (!hop.has(name) && !this.#taken.has(name)) {
        fields.push(rawNames[index] as string, values[index] as string)
      }
    }
  }
}

/** Only a client that asked for another protocol can take it (RFC 9110 section 7.8). */
function mayUpgrade(request: Request): boolean {
  return request.head.version === 11 && !request.parent && request.headers.has('upgrade')
}

function textBody(text: string): BodySource {
  const bytes = Buffer.from(text, 'latin1')
  return {
    length: bytes.length,
    memory: [bytes],
    readAt: (position, into) => bytes.copy(into, 0, position),
  }
}
