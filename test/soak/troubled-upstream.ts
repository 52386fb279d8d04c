/** An HTTP upstream in this process that can be in trouble of several kinds. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LARGE_BYTES, LONG_PATH } from './visit-kinds.ts'

/**
 * `closes`: ends the connection without a word. `garbage`: what it says is no HTTP. `hangs`: says nothing at all.
 * `late`: answers after a second. `down`: refuses connections.
 */
export type Trouble = 'none' | 'closes' | 'garbage' | 'hangs' | 'late' | 'down'

const LATE_MS = 1000
const LONG = Buffer.alloc(LARGE_BYTES, 'l')

export class TroubledUpstream {
  readonly port: number
  readonly #server: Server
  #trouble: Trouble = 'none'

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(): Promise<TroubledUpstream> {
    const server = createServer()
    await listening(server, 0)
    const upstream = new TroubledUpstream(server)
    server.on('request', (request, response) => upstream.#answer(request.url ?? '', response))
    server.on('clientError', (_error, socket) => socket.destroy())
    return upstream
  }

  async become(trouble: Trouble): Promise<void> {
    const before = this.#trouble
    this.#trouble = trouble
    if (before === 'down') await listening(this.#server, this.port)
    if (trouble === 'down') {
      this.#server.close()
      this.#server.closeAllConnections()
    }
    if (before === 'hangs') this.#server.closeAllConnections()
  }

  #answer(url: string, response: ServerResponse): void {
    const { socket } = response
    switch (this.#trouble) {
      case 'closes':
      case 'down':
        socket?.destroy()
        return
      case 'garbage':
        socket?.end('\0\x01 what is this\r\n\r\n')
        return
      case 'hangs':
        return
      case 'late':
        setTimeout(() => this.#say(url, response), LATE_MS)
        return
      default:
        this.#say(url, response)
    }
  }

  #say(url: string, response: ServerResponse): void {
    const body = url.startsWith(LONG_PATH) ? LONG : Buffer.from(`proxied ${/id=(\d+)/.exec(url)?.[1] ?? ''}`)
    response.writeHead(200, { 'Content-Length': body.length }).end(body)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
