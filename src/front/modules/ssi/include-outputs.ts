/** Where the answers of included requests go besides the page. */
import type { Request } from '../../request.ts'
import type { ResponseOutput } from '../../response-output.ts'
import { finishSubrequest } from '../../subrequest.ts'

/** `set`: the answer becomes the value of a variable. */
export class MemoryOutput implements ResponseOutput {
  readonly #request: Request
  readonly #maxBytes: number
  readonly #done: (request: Request, text: string) => void
  #text = ''
  #over = false

  /** `maxBytes`: `subrequest_output_buffer_size`. */
  constructor(request: Request, maxBytes: number, done: (request: Request, text: string) => void) {
    this.#request = request
    this.#maxBytes = maxBytes
    this.#done = done
  }

  begin(bodyless: boolean): void {
    if (bodyless) this.#finish()
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (this.#over) return true
    this.#text += chunk.latin1Slice(0, chunk.length)
    if (this.#text.length > this.#maxBytes) this.#refuse()
    else if (last) this.#finish()
    return true
  }

  #refuse(): void {
    const { location, connection } = this.#request
    this.#over = true
    location.settings.errorLog.request(
      'error',
      this.#request,
      `too big subrequest response: ${this.#text.length}`,
    )
    connection.abort()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    finishSubrequest(this.#request)
    this.#done(this.#request, this.#text)
  }
}

/** `stub`: what is shown instead when the answer has no byte. */
export class StubOutput implements ResponseOutput {
  readonly #next: ResponseOutput
  readonly #stub: Buffer
  #empty = true

  constructor(next: ResponseOutput, stub: Buffer) {
    this.#next = next
    this.#stub = stub
  }

  begin(bodyless: boolean): void {
    this.#next.begin(false)
    if (bodyless) this.write(this.#stub, true)
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (chunk.length > 0) this.#empty = false
    return this.#next.write(last && this.#empty ? this.#stub : chunk, last)
  }
}
