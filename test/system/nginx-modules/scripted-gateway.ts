/** An application that speaks FastCGI, uwsgi and SCGI, each on a socket of its own, and says what its script has. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  FASTCGI_REQUEST_LIMITS,
  FastcgiRequestDecoder,
} from '../../../src/protocol/fastcgi/request-decoder.ts'
import { encodeStderr, endText, stdoutText } from '../../../src/protocol/fastcgi/response-encoder.ts'
import { ScgiRequestDecoder } from '../../../src/protocol/scgi/request-decoder.ts'
import { UwsgiRequestDecoder } from '../../../src/protocol/uwsgi/request-decoder.ts'

export const GATEWAYS = ['fastcgi', 'uwsgi', 'scgi'] as const
type Gateway = (typeof GATEWAYS)[number]

/** What is said, all of it at once, before the connection closes. */
export interface Said {
  readonly text: string
  /** FastCGI only, before the text. */
  readonly stderr?: string
  /** FastCGI only: the end record is left out. */
  readonly cut?: boolean
}

/** `params` in the order in which they were told. */
export type Script = (params: ReadonlyMap<string, string>, body: string, gateway: Gateway) => Said

/** One request of a connection, whatever the protocol. */
interface Asked {
  readonly id: number
  readonly params: readonly string[]
  readonly body: string
}

type Reader = (bytes: Buffer) => Asked | undefined

function fastcgiReader(): Reader {
  const decoder = new FastcgiRequestDecoder(FASTCGI_REQUEST_LIMITS)
  let params: readonly string[] = []
  let body = ''
  return (bytes) => {
    decoder.receive(bytes)
    for (let event = decoder.next(); event; event = decoder.next()) {
      if (event.type === 'params') params = event.params
      if (event.type === 'stdin') body += event.data.toString('latin1')
      if (event.type === 'stdin end') return { id: event.id, params, body }
    }
    return undefined
  }
}

function plainReader(decoder: UwsgiRequestDecoder | ScgiRequestDecoder): Reader {
  let params: readonly string[] = []
  let body = ''
  return (bytes) => {
    decoder.receive(bytes)
    for (let event = decoder.next(); event; event = decoder.next()) {
      if (event.type === 'request') params = event.vars
      if (event.type === 'body') body += event.data.toString('latin1')
      if (event.type === 'body end') return { id: 0, params, body }
    }
    return undefined
  }
}

const READERS: Readonly<Record<Gateway, () => Reader>> = {
  fastcgi: fastcgiReader,
  uwsgi: () => plainReader(new UwsgiRequestDecoder()),
  scgi: () => plainReader(new ScgiRequestDecoder()),
}

export class ScriptedGateway {
  /** With `fastcgi.sock`, `uwsgi.sock` and `scgi.sock`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-scripted-'))
  readonly #script: Script
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  constructor(script: Script) {
    this.#script = script
  }

  async start(): Promise<void> {
    for (const gateway of GATEWAYS) {
      const server = createServer((socket) => this.#serve(gateway, socket))
      this.#servers.push(server)
      await new Promise<void>((resolve) => server.listen(join(this.folder, `${gateway}.sock`), resolve))
    }
  }

  stop(): void {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #serve(gateway: Gateway, socket: Socket): void {
    const read = READERS[gateway]()
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (bytes) => {
      try {
        const asked = read(bytes)
        if (asked) this.#answer(gateway, socket, asked)
      } catch {
        socket.destroy() // what is no request is not answered: both servers say 502
      }
    })
  }

  #answer(gateway: Gateway, socket: Socket, { id, params, body }: Asked): void {
    const told = new Map<string, string>()
    for (let at = 0; at + 1 < params.length; at += 2) told.set(params[at] ?? '', params[at + 1] ?? '')
    const { text, stderr, cut } = this.#script(told, body, gateway)
    if (gateway !== 'fastcgi') {
      socket.end(text, 'latin1')
      return
    }
    if (stderr !== undefined) socket.write(encodeStderr(id, Buffer.from(stderr, 'latin1')))
    if (text !== '') socket.write(stdoutText(id, text), 'latin1')
    socket.end(cut === true ? '' : endText(id), 'latin1')
  }
}
