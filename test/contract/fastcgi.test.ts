import type { Application, HeaderPair } from '../../src/gateway/application.ts'
import { cgiHead } from '../../src/gateway/cgi-head.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'
import { FCGI_RESPONDER, FCGI_REQUEST_COMPLETE } from '../../src/protocol/fastcgi/record.ts'
import { FastcgiRequestDecoder } from '../../src/protocol/fastcgi/request-decoder.ts'
import { encodeRequest, encodeStdin, encodeStdinEnd } from '../../src/protocol/fastcgi/request-encoder.ts'
import { FastcgiResponseDecoder } from '../../src/protocol/fastcgi/response-decoder.ts'
import {
  encodeEndRequest,
  encodeStdout,
  endText,
  stdoutText,
} from '../../src/protocol/fastcgi/response-encoder.ts'
import { settled } from '../gateway/recording-sink.ts'
import { pieces } from './feeds.ts'
import { describeGatewayPair, type Exchange, type GatewayRequest } from './gateway-contract.ts'
import { TestFront, TestServer } from './gateway-tiers.ts'

/** Writes records; a response that broke off ends with an application status, as a program that failed has it. */
class RecordSink implements ResponseSink {
  readonly wire: Buffer[] = []
  readonly #id: number

  constructor(id: number) {
    this.#id = id
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    this.wire.push(Buffer.from(stdoutText(this.#id, cgiHead(status, headers)), 'latin1'))
  }

  write(chunk: Uint8Array): undefined {
    this.wire.push(encodeStdout(this.#id, chunk))
  }

  end(): void {
    this.wire.push(Buffer.from(endText(this.#id), 'latin1'))
  }

  abort(): void {
    this.wire.push(encodeEndRequest(this.#id, 1, FCGI_REQUEST_COMPLETE))
  }
}

class Session {
  readonly sinks = new Map<number, RecordSink>()
  readonly #servers = new Map<number, TestServer>()
  readonly #decoder = new FastcgiRequestDecoder()
  readonly #application: Application

  constructor(application: Application) {
    this.#application = application
  }

  async receive(bytes: Buffer): Promise<void> {
    this.#decoder.receive(bytes)
    for (let event = this.#decoder.next(); event !== undefined; event = this.#decoder.next()) {
      if (event.type === 'params') {
        const sink = new RecordSink(event.id)
        const server = new TestServer(this.#application)
        this.sinks.set(event.id, sink)
        this.#servers.set(event.id, server)
        server.begin(event.params, sink)
      } else if (event.type === 'stdin') {
        this.#servers.get(event.id)?.push(event.data)
      } else if (event.type === 'stdin end') {
        this.#servers.get(event.id)?.end()
      }
    }
    await Promise.resolve()
  }
}

function requestBytes(id: number, { params, body }: GatewayRequest): Buffer {
  return Buffer.concat([
    encodeRequest(id, FCGI_RESPONDER, true, params),
    encodeStdin(id, body),
    encodeStdinEnd(id),
  ])
}

/** Alternates between the pieces of several streams. */
function interleave(streams: readonly Buffer[][]): Buffer[] {
  const longest = Math.max(...streams.map((stream) => stream.length))
  return Array.from({ length: longest }, (_, index) =>
    streams.flatMap((stream) => stream[index] ?? []),
  ).flat()
}

/** Whole records, so that they can be mixed with those of other requests. */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 8 + bytes.readUInt16BE(at + 4) + bytes.readUInt8(at + 6)
    records.push(bytes.subarray(at, end))
    at = end
  }
  return records
}

async function exchange(
  ids: readonly number[],
  request: GatewayRequest,
  application: Application,
  pieceSize: number,
): Promise<Exchange[]> {
  const session = new Session(application)
  const records = interleave(ids.map((id) => recordsOf(requestBytes(id, request))))
  for (const piece of pieces(Buffer.concat(records), pieceSize)) await session.receive(piece)
  for (let turn = 0; turn < 20; turn++) await settled()

  const decoder = new FastcgiResponseDecoder()
  const fronts = new Map(ids.map((id) => [id, new TestFront()]))
  for (const id of ids) decoder.open(id)
  const complete = new Map<number, boolean>()
  const answers = interleave(ids.map((id) => recordsOf(Buffer.concat(session.sinks.get(id)?.wire ?? []))))
  for (const piece of pieces(Buffer.concat(answers), pieceSize)) {
    decoder.receive(piece)
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'stdout') fronts.get(event.id)?.take(event.data)
      else if (event.type === 'end')
        complete.set(event.id, event.appStatus === 0 && event.protocolStatus === 0)
    }
  }
  return [...fronts].map(([id, front]) => front.exchange(complete.get(id) === true))
}

describeGatewayPair('FastCGI', {
  exchange: async (request, application, pieceSize) => {
    const [first] = await exchange([1], request, application, pieceSize)
    return first ?? Promise.reject(new Error('no answer'))
  },
})

describeGatewayPair('FastCGI, with three requests mixed on one connection,', {
  exchange: async (request, application, pieceSize) => {
    const answers = await exchange([1, 2, 65535], request, application, pieceSize)
    const [first, ...others] = answers.map((answer) => ({ ...answer, body: answer.body.toString('latin1') }))
    for (const other of others)
      if (JSON.stringify(other) !== JSON.stringify(first)) throw new Error('the answers differ')
    return answers[0] ?? Promise.reject(new Error('no answer'))
  },
})
