/** uwsgi and SCGI: one request on a connection, and an answer that only the end of the connection ends. */
import type { Application, HeaderPair } from '../../src/gateway/application.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'
import { settled } from '../gateway/recording-sink.ts'
import { pieces } from './feeds.ts'
import type { Exchange, GatewayRequest } from './gateway-contract.ts'
import { TestFront, TestServer } from './gateway-tiers.ts'

type Event =
  | { readonly type: 'request'; readonly vars: string[] }
  | { readonly type: 'body'; readonly data: Buffer }
  | { readonly type: 'body end' }

export interface OneConnectionCodec {
  readonly encode: (params: readonly string[]) => Buffer
  readonly decoder: { receive(bytes: Buffer): void; next(): Event | undefined }
  readonly head: (status: string, headers: readonly HeaderPair[]) => string
}

/** Writes the response as it is; only the end of the connection says that it is over. */
class RawSink implements ResponseSink {
  readonly wire: Buffer[] = []
  /** Ended by FIN; a response that broke off ends by RST. */
  fin = false
  readonly #head: OneConnectionCodec['head']

  constructor(head: OneConnectionCodec['head']) {
    this.#head = head
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    this.wire.push(Buffer.from(this.#head(status, headers), 'latin1'))
  }

  write(chunk: Uint8Array): undefined {
    this.wire.push(Buffer.from(chunk))
  }

  end(): void {
    this.fin = true
  }

  abort(): void {
    this.fin = false
  }
}

export async function exchangeOnOneConnection(
  { encode, decoder, head }: OneConnectionCodec,
  { params, body }: GatewayRequest,
  application: Application,
  pieceSize: number,
): Promise<Exchange> {
  const server = new TestServer(application)
  const sink = new RawSink(head)
  for (const piece of pieces(Buffer.concat([encode(params), body]), pieceSize)) {
    decoder.receive(piece)
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'request') server.begin(event.vars, sink)
      else if (event.type === 'body') server.push(event.data)
      else server.end()
    }
    await Promise.resolve()
  }
  for (let turn = 0; turn < 20; turn++) await settled()
  const front = new TestFront()
  for (const piece of pieces(Buffer.concat(sink.wire), pieceSize)) front.take(piece)
  return front.exchange(sink.fin)
}
