/** An application server in this process, on a unix socket of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationServer, type AppProtocol } from '../../src/app/application-server.ts'
import type { Scoreboard } from '../../src/app/scoreboard.ts'
import type { ServedRequest } from '../../src/app/served-request.ts'
import type { Application } from '../../src/gateway/application.ts'
import { HandleTransport } from '../../src/io/handle-transport.ts'
import { acceptHandles } from '../../src/io/stream-handle.ts'
import { FastcgiClient } from './fastcgi-client.ts'

export class AppServerUnderTest {
  readonly app: ApplicationServer
  readonly lines: string[] = []
  /** Writes of the server to its sockets: one for each system call at the most. */
  writes = 0
  readonly #directory = mkdtempSync(join(tmpdir(), 'app-'))
  readonly #server: Server
  readonly #bare: boolean
  readonly #clients: Socket[] = []

  /** FastCGI comes on bare handles, as with `listen`, unless it is to come on sockets. */
  constructor(
    application: Application,
    protocol: AppProtocol = 'fastcgi',
    by: 'handle' | 'socket' = 'handle',
    scoreboard?: Scoreboard<ServedRequest>,
  ) {
    this.#bare = protocol === 'fastcgi' && by === 'handle'
    const log = { log: (level: string, message: string) => void this.lines.push(`${level}: ${message}`) }
    this.app = new ApplicationServer({ application, protocol, log, multiprocess: false, scoreboard })
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.write = this.#counted(socket.write.bind(socket))
      this.app.accept(socket)
    })
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#path, resolve))
    if (!this.#bare) return this
    const taken = acceptHandles(this.#server, (handle) => {
      const transport = new HandleTransport(handle)
      transport.write = this.#counted(transport.write.bind(transport))
      this.app.acceptTransport(transport)
    })
    if (!taken) throw new Error('this runtime gives no handles')
    return this
  }

  async connect(): Promise<Socket> {
    const socket = connect({ path: this.#path, allowHalfOpen: true })
    this.#clients.push(socket)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return socket
  }

  async client(): Promise<FastcgiClient> {
    return new FastcgiClient(await this.connect())
  }

  async close(): Promise<void> {
    for (const socket of this.#clients) socket.destroy()
    this.app.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#directory, { recursive: true })
  }

  get #path(): string {
    return join(this.#directory, 'app.sock')
  }

  #counted<W extends (...args: never) => boolean>(write: W): W {
    return new Proxy(write, {
      apply: (target, self: unknown, args: unknown[]): unknown => {
        this.writes += 1
        return Reflect.apply(target, self, args)
      },
    })
  }
}
