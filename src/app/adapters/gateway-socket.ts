/**
 * What an IncomingMessage and a ServerResponse of Node take for their connection: one request and one response of a
 * gateway, whatever the protocol.
 *
 * Rules of this file:
 * - The response's head comes as the text that a ServerResponse writes for HTTP/1.1; from there on it is the gateway's.
 * - The body of the request flows while the message wants more, and that of the response while the front takes it.
 * - Connections are the server's: hop-by-hop fields end here, and 1xx responses but 103.
 */
import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from '../../io/node-http.ts'
import { Duplex } from 'node:stream'
import type { Environ, HeaderPair, SendFields, StartResponse, Write } from '../../gateway/application.ts'
import { emptyInput } from '../../gateway/input-stream.ts'

type Done = (error?: Error | null) => void

const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // WSGI's name for what stands in the status line
  'status',
])

export class GatewaySocket extends Duplex {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteFamily: string
  readonly localAddress = '127.0.0.1'
  readonly localPort: number
  /** As a TLSSocket has it; frameworks learn the scheme from it. */
  readonly encrypted: boolean
  readonly connecting = false
  readonly pending = false
  readonly timeout = 0
  bytesRead = 0
  bytesWritten = 0
  /** The front took no more, or the gateway refused what was written: it has been reported. */
  writeFailed = false
  readonly #startResponse: StartResponse
  readonly #earlyHints: SendFields | undefined
  readonly #input: AsyncIterator<Buffer> | undefined
  #request: IncomingMessage | undefined
  #write: Write | undefined
  #pumping = false

  constructor(environ: Environ, startResponse: StartResponse) {
    super({ decodeStrings: false, allowHalfOpen: true })
    this.#startResponse = startResponse
    this.#earlyHints = environ['portico.early_hints']
    const input = environ['wsgi.input']
    this.#input = input === emptyInput ? undefined : input[Symbol.asyncIterator]()
    this.remoteAddress = text(environ['REMOTE_ADDR'])
    this.remotePort = Number(text(environ['REMOTE_PORT']))
    this.remoteFamily = this.remoteAddress.includes(':') ? 'IPv6' : 'IPv4'
    this.localPort = Number(environ.SERVER_PORT)
    this.encrypted = environ['wsgi.url_scheme'] === 'https'
  }

  /** The message that gets the body. */
  feed(request: IncomingMessage): void {
    if (this.#input !== undefined) {
      this.#request = request
      return
    }
    request.complete = true
    request.push(null)
  }

  /** IncomingMessage asks its socket for more in this way. */
  override resume(): this {
    if (this.#request !== undefined && !this.#pumping) void this.#pump(this.#request)
    return this
  }

  /** A piece that is under way still comes. */
  override pause(): this {
    return this
  }

  override _read(): void {
    // Nobody reads the socket itself.
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    let bytes
    try {
      bytes = this.#take(chunk, encoding)
    } catch (error) {
      this.#refuse(error, done)
      return
    }
    if (bytes === undefined || this.#write === undefined) return done()
    this.bytesWritten += bytes.length
    this.#write(bytes).then(
      () => done(),
      (error: unknown) => {
        this.writeFailed = true
        this.#refuse(error, done)
      },
    )
  }

  /** The part of it that is body. @throws WsgiError for a head that is none */
  #take(chunk: Buffer | string, encoding: BufferEncoding): Buffer | undefined {
    if (this.#write !== undefined) return toBytes(chunk, encoding)
    // A ServerResponse writes its head as one text, with what follows or without.
    const written = typeof chunk === 'string' ? chunk : chunk.latin1Slice(0, chunk.length)
    const end = written.indexOf('\r\n\r\n')
    const head = readHead(written.slice(0, end))
    if (head.code.startsWith('1')) {
      if (head.code === '103') this.#earlyHints?.(head.headers)
      return undefined
    }
    this.#write = this.#startResponse(head.status, head.headers)
    const rest = written.slice(end + 4)
    // A head alone is that of flushHeaders(), or its body follows at once: it does not wait for one.
    return toBytes(rest, typeof chunk === 'string' ? encoding : 'latin1')
  }

  #refuse(error: unknown, done: Done): void {
    done(error instanceof Error ? error : new Error(String(error)))
  }

  async #pump(request: IncomingMessage): Promise<void> {
    this.#pumping = true
    try {
      while (this.#input !== undefined && this.#request !== undefined) {
        const step = await this.#input.next()
        if (request.destroyed) return
        if (step.done === true) {
          this.#request = undefined
          request.complete = true
          request.push(null)
          return
        }
        this.bytesRead += step.value.length
        if (!request.push(step.value)) return
      }
    } catch (error) {
      // The client went away before the whole body was here.
      request.destroy(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#pumping = false
    }
  }

  // What frameworks ask of a net.Socket. Deadlines are the server's and the front's.

  get readyState(): string {
    return this.destroyed ? 'closed' : 'open'
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: 'IPv4', port: this.localPort }
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }
}

interface Head {
  readonly code: string
  readonly status: string
  readonly headers: HeaderPair[]
}

/** `HTTP/1.1 200 OK` and lines behind it, which Node has checked. */
function readHead(text: string): Head {
  const lines = text.split('\r\n')
  const code = (lines[0] ?? '').slice(9, 12)
  const reason = (lines[0] ?? '').slice(13) || (STATUS_CODES[code] ?? 'Unknown')
  const headers: HeaderPair[] = []
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (!NOT_PASSED_ON.has(name.toLowerCase())) headers.push([name, line.slice(colon + 2)])
  }
  return { code, status: `${code} ${reason}`, headers }
}

function toBytes(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
