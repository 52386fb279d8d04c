/**
 * Requests by several clients at once, each on its own connection and one after the other, in this process: of those
 * that may be repeated GET (an item of the application, a file) and PUT, of those that may not POST, each of which has
 * a number. Every body is compared whole. None is repeated: a failure is one, and is kept with all that is known of it.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { AnswerReader, type Answer } from './answer-reader.ts'
import { itemBody, orderReceipt, putReceipt } from './order-texts.ts'

export interface OrderLoadOptions {
  readonly port: number
  /** Clients that keep their connection for `KEPT_REQUESTS`. */
  readonly kept: number
  /** Clients that make a connection for each request. */
  readonly fresh: number
  /** Between two requests of a client. */
  readonly pauseMs?: number
}

export type Verb = 'file' | 'GET' | 'PUT' | 'POST'

/** `refused`: no connection. `cut`: it ended before the answer was whole. `wrong`: another body than the right one. */
export type FailureKind = 'refused' | 'cut' | 'late' | 'status' | 'wrong'

export interface OrderFailure {
  readonly verb: Verb
  readonly id: number
  readonly kind: FailureKind
  readonly detail: string
  /** Process that answered on this connection before; 0 where it was the first request. */
  readonly front: number
  /** On the clock of `performance.now()`. */
  readonly sentMs: number
  readonly failedMs: number
}

const KEPT_REQUESTS = 400
const REQUEST_LIMIT_MS = 60_000
const FILE_TEXT_BYTES = 1024

/** The file that the target has to have, and what stands in it. */
export const FILE_PATH = '/file.txt'
export const FILE_TEXT = 'f'.repeat(FILE_TEXT_BYTES)

/** One round of a client. */
const ROUND: readonly Verb[] = ['GET', 'file', 'POST', 'GET', 'PUT', 'GET', 'POST', 'GET', 'file', 'GET']

class RequestFault extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, detail: string) {
    super(detail)
    this.kind = kind
  }
}

export class OrderLoad {
  readonly answered: Record<Verb, number> = { file: 0, GET: 0, PUT: 0, POST: 0 }
  readonly failures: OrderFailure[] = []
  /** Numbers of the orders whose receipt came. */
  readonly receipts = new Set<number>()
  /** How many answers came of each release of the application. */
  readonly releases = new Map<string, number>()
  /** The longest that any answer took. */
  slowestMs = 0
  readonly #options: OrderLoadOptions
  readonly #clients: Promise<void>[]
  #next = 0
  #stopped = false

  constructor(options: OrderLoadOptions) {
    this.#options = options
    const start = (count: number, requests: number): Promise<void>[] =>
      Array.from({ length: count }, (_, index) => this.#client(index, requests))
    this.#clients = [...start(options.kept, KEPT_REQUESTS), ...start(options.fresh, 1)]
  }

  get total(): number {
    const { file, GET, PUT, POST } = this.answered
    return file + GET + PUT + POST + this.failures.length
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
  }

  async #client(offset: number, requests: number): Promise<void> {
    for (let turn = offset; !this.#stopped;) {
      const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true })
      socket.setTimeout(REQUEST_LIMIT_MS, () => socket.destroy(new RequestFault('late', 'no answer in time')))
      turn = await this.#converse(socket, turn, requests)
      socket.destroy()
    }
  }

  /** Until the connection ends, a request fails or there were enough. Answers the client's next turn. */
  async #converse(socket: Socket, firstTurn: number, requests: number): Promise<number> {
    const answers = new AnswerReader(socket, { keptBytes: 1 << 16 })
    let front = 0
    let turn = firstTurn
    for (let left = requests; left > 0 && !this.#stopped; left -= 1) {
      const verb = ROUND[turn % ROUND.length] ?? 'GET'
      const id = (this.#next += 1)
      const sentMs = performance.now()
      turn += 1
      try {
        const answer = await this.#ask(socket, answers, verb, id, left === 1)
        front = Number(/\r\nX-Front: (\d+)/.exec(answer.head)?.[1] ?? 0)
        this.#take(verb, id, answer)
        this.slowestMs = Math.max(this.slowestMs, performance.now() - sentMs)
        // what a client sees that looks before it sends: the server was done with this connection
        if (answer.closes || answers.error) return turn
        if (this.#options.pauseMs !== undefined) await delay(this.#options.pauseMs)
        if (answers.error) return turn
      } catch (error) {
        this.failures.push({ verb, id, ...faultOf(error), front, sentMs, failedMs: performance.now() })
        return turn
      }
    }
    return turn
  }

  #ask(socket: Socket, answers: AnswerReader, verb: Verb, id: number, last: boolean): Promise<Answer> {
    const answer = answers.next()
    const close = last ? 'Connection: close\r\n' : ''
    if (verb === 'POST' || verb === 'PUT') {
      const body = 'b'.repeat(bodyBytes(id))
      const length = `Content-Length: ${body.length}\r\n`
      socket.write(`${verb} /order?id=${id} HTTP/1.1\r\nHost: a\r\n${length}${close}\r\n${body}`)
    } else {
      const target = verb === 'file' ? FILE_PATH : `/order?id=${id}`
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${close}\r\n`)
    }
    return answer
  }

  /** @throws RequestFault */
  #take(verb: Verb, id: number, { status, head, text, bytes }: Answer): void {
    if (status !== 200) throw new RequestFault('status', String(status))
    const expected = expectedText(verb, id)
    if (text !== expected || bytes !== expected.length) {
      throw new RequestFault('wrong', `${bytes} bytes "${text.slice(0, 60)}"`)
    }
    const release = /\r\nX-Release: (\S+)/.exec(head)?.[1]
    if (release !== undefined) this.releases.set(release, (this.releases.get(release) ?? 0) + 1)
    this.answered[verb] += 1
    if (verb === 'POST') this.receipts.add(id)
  }
}

/** Most fit into one segment; every 61st is larger than what a gateway takes in one piece. */
function bodyBytes(id: number): number {
  return id % 61 === 0 ? 100_000 : id % 1400
}

function expectedText(verb: Verb, id: number): string {
  if (verb === 'file') return FILE_TEXT
  if (verb === 'GET') return itemBody(String(id))
  return (verb === 'POST' ? orderReceipt : putReceipt)(String(id), bodyBytes(id))
}

function faultOf(error: unknown): { kind: FailureKind; detail: string } {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof RequestFault) return { kind: error.kind, detail }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return { kind: code === 'ECONNREFUSED' ? 'refused' : 'cut', detail }
}
