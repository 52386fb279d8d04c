/** An upstream that says what a script tells it, whatever it is asked; the path alone chooses the script. */
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of `{wait}`, milliseconds. */
export const WAIT_MS = 60
/** Of `{late}`: behind every time-out that the conf of these tests sets. */
const LATE_MS = 900

export interface Asked {
  /** Under which the connection is remembered. */
  readonly path: string
  /**
   * Latin-1 text; `{` and `}` enclose what is not text: `{wait}` a moment, `{late}` longer than the front waits,
   * `{fin}` the end of its side, `{reset}` an RST, `{hang}` nothing more for ever.
   */
  readonly script: string
  /** The rest of the request is not read. */
  readonly deaf?: boolean
}

/** What a request asks for, or undefined while too little of it has come. */
export type Understand = (bytes: Buffer) => Asked | undefined

export class ScriptedUpstream {
  readonly #server: Server
  readonly #understand: Understand
  readonly #sockets = new Set<Socket>()
  /** Connections so far, and the paths that came on each. */
  readonly paths: string[][] = []

  constructor(understand: Understand) {
    this.#understand = understand
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Number of the connection that the path came on. */
  connectionOf(path: string): number {
    return this.paths.findIndex((paths) => paths.includes(path))
  }

  #accept(socket: Socket): void {
    const own: string[] = []
    this.paths.push(own)
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('end', () => socket.end())
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes])
      const asked = this.#understand(heard)
      if (asked === undefined) return
      heard = Buffer.alloc(0)
      own.push(asked.path)
      if (asked.deaf === true) socket.pause()
      void this.#say(socket, asked.script)
    })
  }

  async #say(socket: Socket, script: string): Promise<void> {
    for (const part of script.split(/(\{[a-z]+\})/)) {
      if (part === '{wait}') await sleep(WAIT_MS)
      else if (part === '{late}') await sleep(LATE_MS)
      else if (part === '{fin}') socket.end()
      else if (part === '{reset}') socket.resetAndDestroy()
      else if (part !== '{hang}' && part !== '' && !socket.destroyed) socket.write(part, 'latin1')
    }
  }
}
