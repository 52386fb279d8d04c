/** A name server on one port of UDP and TCP that answers as its script says. */
import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import type { NameServer } from '../../src/io/dns/name-servers.ts'
import { answerTo, questionOf, type AnswerParts } from './dns-message.ts'

export interface Asked {
  readonly name: string
  readonly type: number
  readonly tcp: boolean
  readonly query: Buffer
}

/** Undefined says nothing at all; bytes go out as they are. */
export type NameScript = (asked: Asked) => AnswerParts | Buffer | undefined

export class ScriptedNameServer {
  readonly asked: Asked[] = []
  script: NameScript
  readonly #datagrams: Socket
  readonly #streams: Server
  #waiting: (() => void)[] = []

  private constructor(script: NameScript, datagrams: Socket, streams: Server) {
    this.script = script
    this.#datagrams = datagrams
    this.#streams = streams
    datagrams.on('message', (query, from) => {
      const answer = this.#answer(query, false)
      if (answer) datagrams.send(answer, from.port, from.address)
    })
    streams.on('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (bytes: Buffer) => {
        const answer = this.#answer(bytes.subarray(2), true)
        if (!answer) return
        const length = Buffer.from([answer.length >> 8, answer.length & 255])
        // in pieces: the length itself may be cut
        socket.write(length.subarray(0, 1))
        setImmediate(() => socket.write(Buffer.concat([length.subarray(1), answer])))
      })
    })
  }

  static async start(script: NameScript): Promise<ScriptedNameServer> {
    for (let tries = 0; ; tries += 1) {
      const streams = createServer()
      await new Promise<void>((resolve) => streams.listen(0, '127.0.0.1', resolve))
      const { port } = streams.address() as { port: number }
      const datagrams = createSocket('udp4')
      const bound = await new Promise<boolean>((resolve) => {
        datagrams.once('error', () => resolve(false))
        datagrams.bind(port, '127.0.0.1', () => resolve(true))
      })
      if (bound) return new ScriptedNameServer(script, datagrams, streams)
      streams.close()
      if (tries > 20) throw new Error('no port for UDP and TCP')
    }
  }

  get address(): NameServer {
    return { host: '127.0.0.1', port: this.#datagrams.address().port }
  }

  /** Resolves when so many questions came. */
  async heard(count: number): Promise<void> {
    while (this.asked.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #answer(query: Buffer, tcp: boolean): Buffer | undefined {
    const asked = { ...questionOf(query), tcp, query }
    this.asked.push(asked)
    for (const wake of this.#waiting.splice(0)) wake()
    const answer = this.script(asked)
    return answer === undefined || Buffer.isBuffer(answer) ? answer : answerTo(query, answer)
  }

  stop(): void {
    this.#datagrams.close()
    this.#streams.close()
  }
}
