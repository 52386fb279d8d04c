/** A FastCGI front for tests: many requests on one connection, answers collected by id. */
import type { Socket } from 'node:net'
import {
  encodeAbort,
  encodeStdin,
  encodeStdinEnd,
  requestText,
} from '../../src/protocol/fastcgi/request-encoder.ts'
import { FastcgiResponseDecoder } from '../../src/protocol/fastcgi/response-decoder.ts'
import { FCGI_RESPONDER } from '../../src/protocol/fastcgi/record.ts'

export interface FastcgiAnswer {
  /** Head lines, `Status: ...` first. */
  readonly head: string[]
  readonly body: Buffer
  /** Undefined where the connection closed before the end record. */
  readonly end: { appStatus: number; protocolStatus: number } | undefined
}

interface Pending {
  readonly parts: Buffer[]
  resolve(answer: FastcgiAnswer): void
}

export interface BeginOptions {
  keepConnection?: boolean
  role?: number
}

export class FastcgiClient {
  readonly socket: Socket
  /** Lists of `values` events: names and values. */
  readonly values: string[][] = []
  readonly unknownTypes: number[] = []
  /** The other side closed. */
  readonly closed: Promise<void>
  readonly #decoder = new FastcgiResponseDecoder()
  readonly #pending = new Map<number, Pending>()

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    const close = (): void => {
      for (const id of [...this.#pending.keys()]) this.#settle(id, undefined)
      resolve()
    }
    socket.on('end', close)
    socket.on('close', close)
  }

  /** A whole request. */
  request(
    id: number,
    params: Readonly<Record<string, string>>,
    body: Uint8Array = Buffer.alloc(0),
    options: BeginOptions = {},
  ): Promise<FastcgiAnswer> {
    const length = body.length > 0 ? { CONTENT_LENGTH: String(body.length) } : {}
    const answer = this.begin(id, { ...length, ...params }, options)
    this.body(id, body)
    this.bodyEnd(id)
    return answer
  }

  /** Begin record and params; the body is the caller's. */
  begin(
    id: number,
    params: Readonly<Record<string, string>>,
    options: BeginOptions = {},
  ): Promise<FastcgiAnswer> {
    this.#decoder.open(id)
    const { promise, resolve } = Promise.withResolvers<FastcgiAnswer>()
    this.#pending.set(id, { parts: [], resolve })
    const pairs = Object.entries({ REQUEST_METHOD: 'GET', PATH_INFO: '/', SCRIPT_NAME: '', ...params }).flat()
    const { role = FCGI_RESPONDER, keepConnection = true } = options
    this.socket.write(requestText(id, role, keepConnection, pairs), 'latin1')
    return promise
  }

  body(id: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.socket.write(encodeStdin(id, bytes))
  }

  bodyEnd(id: number): void {
    this.socket.write(encodeStdinEnd(id))
  }

  abort(id: number): void {
    this.socket.write(encodeAbort(id))
  }

  #receive(bytes: Buffer): void {
    this.#decoder.receive(bytes)
    for (let event = this.#decoder.next(); event !== undefined; event = this.#decoder.next()) {
      if (event.type === 'stdout') this.#pending.get(event.id)?.parts.push(Buffer.from(event.data))
      else if (event.type === 'end') this.#settle(event.id, event)
      else if (event.type === 'values') this.values.push(event.values)
      else if (event.type === 'unknown type') this.unknownTypes.push(event.recordType)
    }
  }

  #settle(id: number, end: { appStatus: number; protocolStatus: number } | undefined): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    const whole = Buffer.concat(pending?.parts ?? [])
    const split = whole.indexOf('\r\n\r\n')
    pending?.resolve({
      head: split < 0 ? [] : whole.toString('latin1', 0, split).split('\r\n'),
      body: split < 0 ? whole : whole.subarray(split + 4),
      end: end && { appStatus: end.appStatus, protocolStatus: end.protocolStatus },
    })
  }
}
