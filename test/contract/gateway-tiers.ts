/** The parts of a front and of an application server that all protocols share in the contract. */
import type { Application, Environ } from '../../src/gateway/application.ts'
import { CgiResponseHeadDecoder, type CgiResponseHead } from '../../src/gateway/cgi-response.ts'
import { environFromParams } from '../../src/gateway/environ.ts'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'
import { RequestInput } from '../../src/gateway/input-stream.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'
import { runApplication } from '../../src/gateway/run-application.ts'
import type { Exchange } from './gateway-contract.ts'

/** Runs the application with a body that comes by pushes. */
export class TestServer {
  readonly #application: Application
  #input: RequestInput | undefined

  constructor(application: Application) {
    this.#application = application
  }

  begin(params: readonly string[], sink: ResponseSink): void {
    const length = params[params.indexOf('CONTENT_LENGTH') + 1]
    const input = new RequestInput(params.includes('CONTENT_LENGTH') ? Number(length) : 0, () => undefined)
    this.#input = input
    const errors = new LineErrorStream(() => undefined)
    const environ: Environ = environFromParams(params, { input, errors, multiprocess: false })
    runApplication(this.#application, environ, sink, () => undefined)
  }

  /** The codec's view is good until its next `receive`: the stream gets a copy. */
  push(data: Buffer): void {
    this.#input?.push(Buffer.from(data))
  }

  end(): void {
    this.#input?.end()
  }
}

/** Reads a CGI-like answer. */
export class TestFront {
  readonly #decoder = new CgiResponseHeadDecoder()
  #head: CgiResponseHead | undefined
  readonly #body: Buffer[] = []

  take(data: Buffer): void {
    if (this.#head !== undefined) {
      this.#body.push(Buffer.from(data))
      return
    }
    this.#decoder.receive(data)
    this.#head = this.#decoder.next()
    if (this.#head !== undefined) this.#body.push(Buffer.from(this.#decoder.rest()))
  }

  exchange(complete: boolean): Exchange {
    if (this.#head === undefined) return this.#decoder.receiveEnd()
    const { status, reason, headers } = this.#head
    return {
      head: `${status} ${reason}`,
      headers: headers.rawNames.map((name, index) => [name, headers.values[index] ?? ''] as const),
      body: Buffer.concat(this.#body),
      complete,
    }
  }

  /** Bytes of body that Content-Length says; Infinity without one. */
  get declared(): number {
    return Number(this.#head?.headers.get('content-length') ?? Infinity)
  }
}
