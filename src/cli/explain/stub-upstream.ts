/**
 * Answers in place of every upstream while a request is explained, in the protocol that it is spoken to, and keeps what
 * it was sent.
 */
import type { Socket } from '../../io/socket.ts'
import { FastcgiRequestDecoder } from '../../protocol/fastcgi/request-decoder.ts'
import { responseText } from '../../protocol/fastcgi/response-encoder.ts'
import type { RequestLimits } from '../../protocol/http1/message.ts'
import { RequestDecoder } from '../../protocol/http1/request-decoder.ts'
import { ScgiRequestDecoder } from '../../protocol/scgi/request-decoder.ts'
import { UWSGI_REQUEST_LIMITS, UwsgiRequestDecoder } from '../../protocol/uwsgi/request-decoder.ts'

export interface ReceivedRequest {
  readonly protocol: 'fastcgi' | 'uwsgi' | 'scgi' | 'http' | 'tls'
  /** `GET /x HTTP/1.0`, '' where the protocol has no request line. */
  readonly line: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Reads one request; what is to be answered, as Latin-1 text, comes with it. */
interface StubProtocol {
  receive(bytes: Buffer): void
  take(): (ReceivedRequest & { readonly answer: string }) | undefined
}

const LIMITS: RequestLimits = {
  lineBytes: 1 << 20,
  headBytes: 1 << 20,
  maxHeaders: 10_000,
  underscores: true,
  ignoreInvalid: false,
  strict: false,
}

const HTTP_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const CGI_ANSWER = 'Status: 200 OK\r\n\r\n'
const UWSGI_ANSWER = 'HTTP/1.1 200 OK\r\n\r\n'

/** First byte of a TLS handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 22
const ANY_MODIFIER = Array.from({ length: 256 }, (_, modifier) => modifier)

class HttpStub implements StubProtocol {
  readonly #decoder = new RequestDecoder(LIMITS)

  receive(bytes: Buffer): void {
    this.#decoder.receive(bytes)
  }

  take(): ReturnType<StubProtocol['take']> {
    const head = this.#decoder.nextHead()
    if (!head) return undefined
    const { rawNames, values } = head.headers
    const fields = rawNames.map((name, index) => [name, values[index] ?? ''] as const)
    return { protocol: 'http', line: head.requestLine, fields, answer: HTTP_ANSWER }
  }
}

class FastcgiStub implements StubProtocol {
  readonly #decoder = new FastcgiRequestDecoder()

  receive(bytes: Buffer): void {
    this.#decoder.receive(bytes)
  }

  take(): ReturnType<StubProtocol['take']> {
    for (let event = this.#decoder.next(); event; event = this.#decoder.next()) {
      if (event.type !== 'params') continue
      const answer = responseText(event.id, CGI_ANSWER, Buffer.alloc(0))
      return { protocol: 'fastcgi', line: '', fields: pairs(event.params), answer }
    }
    return undefined
  }
}

class SingleRequestStub implements StubProtocol {
  readonly #protocol: 'uwsgi' | 'scgi'
  readonly #decoder: UwsgiRequestDecoder | ScgiRequestDecoder

  constructor(protocol: 'uwsgi' | 'scgi') {
    this.#protocol = protocol
    this.#decoder =
      protocol === 'scgi'
        ? new ScgiRequestDecoder()
        : new UwsgiRequestDecoder({ ...UWSGI_REQUEST_LIMITS, modifiers: ANY_MODIFIER })
  }

  receive(bytes: Buffer): void {
    this.#decoder.receive(bytes)
  }

  take(): ReturnType<StubProtocol['take']> {
    const event = this.#decoder.next()
    if (event?.type !== 'request') return undefined
    const answer = this.#protocol === 'scgi' ? CGI_ANSWER : UWSGI_ANSWER
    return { protocol: this.#protocol, line: '', fields: pairs(event.vars), answer }
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const result: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2)
    result.push([flat[index] ?? '', flat[index + 1] ?? ''])
  return result
}

/** The four protocols begin with different octets: a version, a modifier, a digit, a letter. */
function stubFor([first = 0, second = 0]: Buffer): StubProtocol | undefined {
  if (first === TLS_HANDSHAKE) return undefined
  if (first >= 0x41 && first <= 0x5a) return new HttpStub()
  if (first >= 0x30 && first <= 0x39) return new SingleRequestStub('scgi')
  return first === 1 && second === 1 ? new FastcgiStub() : new SingleRequestStub('uwsgi')
}

export class StubUpstream {
  readonly received: ReceivedRequest[] = []
  readonly #sockets = new Set<Socket>()

  accept(socket: Socket): void {
    let stub: StubProtocol | undefined
    this.#sockets.add(socket)
    socket.on('error', noop)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('end', () => socket.end())
    socket.on('data', (bytes: Buffer) => {
      stub ??= stubFor(bytes)
      if (stub) this.#answer(socket, stub, bytes)
      else this.#refuse(socket)
    })
  }

  #answer(socket: Socket, stub: StubProtocol, bytes: Buffer): void {
    try {
      stub.receive(bytes)
      const request = stub.take()
      if (!request) return
      const { answer, ...received } = request
      this.received.push(received)
      if (received.protocol === 'fastcgi') socket.write(answer, 'latin1')
      else socket.end(answer, 'latin1')
    } catch {
      socket.destroy()
    }
  }

  /** A handshake cannot be answered without the upstream's certificate. */
  #refuse(socket: Socket): void {
    this.received.push({ protocol: 'tls', line: '', fields: [] })
    socket.destroy()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

function noop(): void {
  // the stub's own connections are of no interest
}
