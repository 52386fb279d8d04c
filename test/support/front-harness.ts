/** The front in this process, without sockets: a conf, bytes in, bytes out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Duplex } from 'node:stream'
import { bindConf, placesOf, readConf } from '../../src/cli/load-conf.ts'
import { compileFront, type CompiledFront } from '../../src/front/compile/compile-front.ts'
import { http } from '../../src/front/core-directives.ts'
import { HttpServer } from '../../src/front/http-server.ts'
import type { ListenPoint } from '../../src/front/server-config.ts'
import { LogDestinations } from '../../src/io/log-destination.ts'
import { readAnswers, type HttpAnswer } from './http-answers.ts'

/** An accepted connection whose other end is the test. */
export class FakeSocket extends Duplex {
  readonly remoteAddress = '192.0.2.7'
  readonly remotePort = 4321
  readonly localAddress = '192.0.2.1'
  readonly localPort = 8080
  /** What the server wrote, as Latin-1. */
  written = ''
  /** While true, what is written stays on its way. */
  blocked = false
  #waiting: (() => void) | undefined

  override _read(): void {
    // bytes come by `receive`
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1')
    if (this.blocked) this.#waiting = done
    else done()
  }

  release(): void {
    this.blocked = false
    this.#waiting?.()
  }

  receive(bytes: string | Buffer): void {
    this.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  setNoDelay(): this {
    return this
  }

  destroySoon(): void {
    this.end(() => this.destroy())
  }

  resetAndDestroy(): this {
    return this.destroy()
  }
}

export class FrontHarness {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-front-'))
  readonly front: CompiledFront
  readonly server: HttpServer
  readonly #logs = new LogDestinations()

  /** `conf` is the content of `http { }`; `files` stand in the prefix. */
  constructor(conf: string, files: Readonly<Record<string, string | Buffer>> = {}) {
    const all = { 'logs/.keep': '', 'conf/portico.conf': `http {\n${conf}\n}\n`, ...files }
    for (const [name, content] of Object.entries(all)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), content)
    }
    const places = placesOf({ prefix: this.folder, conf: undefined, errorLog: 'logs/error.log' }, this.folder)
    const { main } = bindConf(readConf(places, '').statements, places)
    const [block] = main.blocks(http)
    if (!block) throw new Error('no http block')
    this.front = compileFront(block.scope, {
      prefix: places.prefix,
      confPath: places.confPath,
      logs: this.#logs,
      apps: new Map(),
      defaultErrorLog: places.errorLog,
      defaultPort: 8000,
    })
    this.server = new HttpServer({
      maxConnections: 100,
      tempFolder: join(this.folder, 'tmp'),
      hostname: 'host.test',
    })
  }

  get point(): ListenPoint {
    const [point] = this.front.listenPoints
    if (!point) throw new Error('no server')
    return point
  }

  connect(socket = new FakeSocket()): FakeSocket {
    this.server.accept(this.point, socket as unknown as Socket)
    return socket
  }

  /** Sends the bytes on a connection of its own; resolves when the server has answered what it got. */
  async ask(bytes: string): Promise<string> {
    const socket = this.connect()
    socket.receive(bytes)
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    const { written } = socket
    socket.destroy()
    return written
  }

  /** The answer to one request of HTTP/1.1 for this path. */
  async get(target: string, lines = ''): Promise<HttpAnswer> {
    const [answer] = readAnswers(await this.ask(`GET ${target} HTTP/1.1\r\nHost: own.test\r\n${lines}\r\n`))
    if (!answer) throw new Error('no answer')
    return answer
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  close(): void {
    this.#logs.flush()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
