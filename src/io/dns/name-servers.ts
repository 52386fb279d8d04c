/**
 * Asks name servers: by UDP, each question to the next server in turn, again to the one after it when nothing usable
 * comes for five seconds, and by TCP when an answer was cut (nginx: ngx_resolver). Sockets live while questions do.
 */
import { randomInt } from 'node:crypto'
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { connect, isIP } from 'node:net'
import type { DnsResponse } from '../../protocol/dns/response-decoder.ts'
import { decodeResponse } from '../../protocol/dns/response-decoder.ts'
import { encodeQuery } from '../../protocol/dns/query-encoder.ts'
import { RCODE_FORMAT_ERROR, type RecordType } from '../../protocol/dns/record.ts'

export interface NameServer {
  readonly host: string
  readonly port: number
}

const RESEND_MS = 5000
/** Length that precedes a message in TCP (RFC 1035 section 4.2.2). */
const LENGTH_BYTES = 2

/** One question until its answer. A name server that answers nonsense is as one that does not answer. */
class Question {
  readonly id = randomInt(0x10000)
  readonly #name: string
  readonly #type: RecordType
  readonly #bytes: Buffer
  readonly #onAnswer: (answer: DnsResponse) => void
  #datagrams: DatagramSocket | undefined
  #stream: ReturnType<typeof connect> | undefined
  #server: NameServer | undefined

  constructor(name: string, type: RecordType, onAnswer: (answer: DnsResponse) => void) {
    this.#name = name
    this.#type = type
    this.#bytes = encodeQuery(this.id, name, type)
    this.#onAnswer = onAnswer
  }

  /** Each time from a socket of its own, so that port and id have to be guessed to forge an answer. */
  ask(server: NameServer): void {
    this.close()
    this.#server = server
    const socket = createSocket(isIP(server.host) === 6 ? 'udp6' : 'udp4')
    this.#datagrams = socket
    socket.on('error', noop)
    socket.on('message', (bytes: Buffer) => this.#take(bytes))
    // connected: answers of others are not delivered
    socket.connect(server.port, server.host, () => {
      if (this.#datagrams === socket) socket.send(this.#bytes, noop)
    })
  }

  #take(bytes: Buffer): void {
    let answer: DnsResponse
    try {
      answer = decodeResponse(bytes)
    } catch {
      return
    }
    const mine = answer.id === this.id && answer.name === this.#name && answer.type === this.#type
    if (!mine || answer.rcode === RCODE_FORMAT_ERROR) return
    if (answer.truncated && !this.#stream) this.#askByTcp()
    else this.#onAnswer(answer)
  }

  #askByTcp(): void {
    const { host, port } = this.#server as NameServer
    this.#datagrams?.close()
    this.#datagrams = undefined
    const stream = connect({ host, port })
    let received: Buffer = Buffer.alloc(0)
    this.#stream = stream
    stream.on('error', noop)
    stream.on('connect', () => {
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt16BE(this.#bytes.length)
      stream.write(Buffer.concat([length, this.#bytes]))
    })
    stream.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (received.length < LENGTH_BYTES) return
      const end = LENGTH_BYTES + received.readUInt16BE(0)
      if (received.length >= end) this.#take(received.subarray(LENGTH_BYTES, end))
    })
  }

  close(): void {
    this.#datagrams?.close()
    this.#datagrams = undefined
    this.#stream?.destroy()
    this.#stream = undefined
  }
}

export class NameServers {
  readonly #servers: readonly NameServer[]
  #next = 0

  /** At least one. */
  constructor(servers: readonly NameServer[]) {
    this.#servers = servers
  }

  /**
   * Resolves to one answer for each type, or rejects with the signal's reason.
   *
   * @throws DnsError DNS_NAME
   */
  ask(name: string, types: readonly RecordType[], signal: AbortSignal): Promise<DnsResponse[]> {
    const { promise, resolve, reject } = Promise.withResolvers<DnsResponse[]>()
    const answers = new Map<RecordType, DnsResponse>()
    const questions = new Map(
      types.map((type) => {
        const onAnswer = (answer: DnsResponse): void => {
          answers.set(type, answer)
          questions.get(type)?.close()
          questions.delete(type)
          if (questions.size > 0) return
          end()
          resolve(types.map((each) => answers.get(each) as DnsResponse))
        }
        return [type, new Question(name, type, onAnswer)] as const
      }),
    )
    const askAll = (): void => {
      const server = this.#servers[this.#next % this.#servers.length] as NameServer
      this.#next += 1
      for (const question of questions.values()) question.ask(server)
    }
    const timer = setInterval(askAll, RESEND_MS)
    const end = (): void => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
      for (const question of questions.values()) question.close()
    }
    const onAbort = (): void => {
      end()
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort)
    askAll()
    return promise
  }
}

function noop(): void {
  // a name server that cannot be reached is one that does not answer
}
