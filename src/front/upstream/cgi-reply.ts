/** From a CGI-style answer (FastCGI STDOUT, uwsgi) to head and body for the engine. */
import { CgiResponseError } from '../../gateway/cgi-response-error.ts'
import { CgiResponseHeadDecoder } from '../../gateway/cgi-response.ts'
import type { ExchangeListener } from './exchange.ts'

export class CgiReply {
  readonly #listener: ExchangeListener
  readonly #decoder = new CgiResponseHeadDecoder()
  #headDone = false

  constructor(listener: ExchangeListener) {
    this.#listener = listener
  }

  get headDone(): boolean {
    return this.#headDone
  }

  /** Answers undefined, or what is wrong with the head. */
  take(chunk: Buffer): string | undefined {
    if (this.#headDone) {
      this.#listener.onBody(chunk)
      return undefined
    }
    try {
      this.#decoder.receive(chunk)
      const head = this.#decoder.next()
      if (!head) return undefined
      this.#headDone = true
      this.#listener.onHead(head)
      const rest = this.#decoder.rest()
      if (rest.length > 0) this.#listener.onBody(rest)
      return undefined
    } catch (error) {
      if (error instanceof CgiResponseError) return error.message
      throw error
    }
  }
}
