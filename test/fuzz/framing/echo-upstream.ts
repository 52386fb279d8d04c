/** An upstream that reads strictly and answers with what it saw; it never sees a request that is not whole. */
import { createServer, type Server, type Socket } from 'node:net'
import { readRequests, STRICT } from './reference-parser.ts'
import { digest, encodeSeen } from './seen.ts'

export class EchoUpstream {
  /** Whole requests that came. */
  requests = 0
  /** Bytes that a strict reader takes for no request: never, from a front that may be trusted. */
  readonly faults: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(path: string): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(path, resolve))
    return this
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    let text = ''
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const { requests, end } = readRequests(text, AS_FORWARDED)
      const [request, second] = requests
      if (end.startsWith('invalid') || second !== undefined) {
        this.faults.push(`${second === undefined ? end : 'two requests at once'}: ${JSON.stringify(text)}`)
        socket.destroy()
      } else if (request !== undefined) {
        text = ''
        this.requests += 1
        const { method, target, body } = request
        const fields = request.fields.filter(([name]) => !OWN.has(name))
        const seen = encodeSeen({ method, target, fields, body: digest(body) })
        const head = `HTTP/1.1 200 OK\r\nX-Seen: ${seen}\r\nContent-Length: ${seen.length}\r\n\r\n`
        socket.write(method === 'HEAD' ? head : head + seen, 'latin1')
      }
    })
  }
}

/** Targets go through as the client wrote them. */
const AS_FORWARDED = { ...STRICT, looseTargets: true }

/** Those the front writes itself. */
const OWN = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])
