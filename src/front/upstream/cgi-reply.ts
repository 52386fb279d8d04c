/** From a CGI-style answer (FastCGI STDOUT, uwsgi) to head and body for the engine. */
import { CgiResponseError } from '../../gateway/cgi-response-error.ts'
import {
  CGI_RESPONSE_LIMITS,
  CgiResponseHeadDecoder,
  type CgiResponseLimits,
} from '../../gateway/cgi-response.ts'
import type { ExchangeListener } from './exchange.ts'

type CgiReplyListener = Pick<ExchangeListener, 'onHead' | 'onBody'>

/** These protocols have no way to go on as another. */
const SWITCHED = 'upstream switched protocols, which only HTTP can'

export class CgiReply {
  readonly #listener: CgiReplyListener
  readonly #decoder: CgiResponseHeadDecoder
  #headDone = false

  /** Of applications that are not ours `keepsStatus`: somebody may ask for the field. */
  constructor(
    listener: CgiReplyListener,
    maxHeadBytes: number,
    own: Pick<CgiResponseLimits, 'keepsStatus' | 'ignoresStatusLine'>,
  ) {
    this.#listener = listener
    this.#decoder = new CgiResponseHeadDecoder({
      ...CGI_RESPONSE_LIMITS,
      headBytes: maxHeadBytes,
      ...own,
    })
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
      if (head.status === 101) return SWITCHED
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
