import type { HeaderPair } from '../../src/gateway/application.ts'
import { statusLineHead } from '../../src/gateway/cgi-head.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'
import { UwsgiRequestDecoder } from '../../src/protocol/uwsgi/request-decoder.ts'
import { encodeRequest } from '../../src/protocol/uwsgi/request-encoder.ts'
import { settled } from '../gateway/recording-sink.ts'
import { pieces } from './feeds.ts'
import { describeGatewayPair } from './gateway-contract.ts'
import { TestFront, TestServer } from './gateway-tiers.ts'

/** Writes the response as it is; only the end of the connection says that it is over. */
class RawSink implements ResponseSink {
  readonly wire: Buffer[] = []
  /** Ended by FIN; a response that broke off ends by RST. */
  fin = false

  head(status: string, headers: readonly HeaderPair[]): void {
    this.wire.push(Buffer.from(statusLineHead(status, headers), 'latin1'))
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

describeGatewayPair(
  'uwsgi',
  {
    exchange: async ({ params, body }, application, pieceSize) => {
      const decoder = new UwsgiRequestDecoder()
      const server = new TestServer(application)
      const sink = new RawSink()
      for (const piece of pieces(Buffer.concat([encodeRequest(params), body]), pieceSize)) {
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
    },
  },
  {
    '100 KB of variables': {
      expected: { refused: 'UWSGI_REQUEST_TOO_LARGE' },
      reason: 'the size field has 16 bits',
    },
  },
)
