/**
 * Load of several kinds at once on one server, in this process, on bare sockets. Every request is counted, and every
 * one that did not get its whole answer is kept with the reason. Clients that keep a connection obey `Connection:
 * close`; none repeats a request.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AnswerReader, type Answer } from './answer-reader.ts'

export interface LoadTarget {
  readonly port: number
  /** The same locations over TLS, where there are any. */
  readonly tlsPort?: number | undefined
}

export interface LoadPlan {
  /** Clients that make a connection for each request. */
  readonly fresh: number
  /** Clients that keep their connection for up to `KEPT_REQUESTS`. */
  readonly kept: number
  /** Clients that send a body piece by piece. */
  readonly uploads: number
  /** Clients that read a long answer with pauses. */
  readonly downloads: number
  /** Clients of new connections over TLS, and of kept ones. */
  readonly tls: number
}

export type LoadKind = keyof LoadPlan

export interface LoadCount {
  readonly answered: Record<LoadKind, number>
  readonly failures: string[]
}

const KEPT_REQUESTS = 200
const UPLOAD_PIECES = 6
const UPLOAD_PIECE = Buffer.alloc(8 * 1024, 'u')
const UPLOAD_PAUSE_MS = 80
const DOWNLOAD_PAUSE_MS = 20
const REQUEST_LIMIT_MS = 20_000

/** Locations that the target has to have. */
export const SMALL_PATH = '/small.txt'
export const SMALL_BYTES = 1024
export const LARGE_PATH = '/large.bin'
export const LARGE_BYTES = 4 << 20
/** Answers how many bytes came. */
export const UPLOAD_PATH = '/upload'

export class MixedLoad {
  readonly count: LoadCount = {
    answered: { fresh: 0, kept: 0, uploads: 0, downloads: 0, tls: 0 },
    failures: [],
  }
  readonly #target: LoadTarget
  readonly #clients: Promise<void>[] = []
  #stopped = false

  constructor(target: LoadTarget, plan: LoadPlan) {
    this.#target = target
    const start = (kind: LoadKind, client: (socket: Socket) => Promise<void>): void => {
      for (let index = 0; index < plan[kind]; index += 1) this.#clients.push(this.#client(kind, client))
    }
    start('fresh', (socket) => this.#small(socket, 'fresh', 1))
    start('kept', (socket) => this.#small(socket, 'kept', KEPT_REQUESTS))
    start('uploads', (socket) => this.#upload(socket))
    start('downloads', (socket) => this.#download(socket))
    if (target.tlsPort !== undefined) start('tls', (socket) => this.#small(socket, 'tls', 5))
  }

  get total(): number {
    return Object.values(this.count.answered).reduce((sum, part) => sum + part, 0)
  }

  async stop(): Promise<LoadCount> {
    this.#stopped = true
    await Promise.all(this.#clients)
    return this.count
  }

  async #client(kind: LoadKind, converse: (socket: Socket) => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const socket = this.#connect(kind)
      try {
        await converse(socket)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.count.failures.push(`${kind}: ${reason} (${new Date().toISOString()})`)
      }
      socket.destroy()
    }
  }

  #connect(kind: LoadKind): Socket {
    const { port, tlsPort } = this.#target
    const socket =
      kind === 'tls'
        ? connectTls({ port: tlsPort ?? 0, host: '127.0.0.1', rejectUnauthorized: false })
        : connect({ port, host: '127.0.0.1', noDelay: true })
    return socket.setTimeout(REQUEST_LIMIT_MS, () => socket.destroy(new Error('no answer in time')))
  }

  async #small(socket: Socket, kind: LoadKind, requests: number): Promise<void> {
    const answers = new AnswerReader(socket)
    for (let left = requests; left > 0 && !this.#stopped; left -= 1) {
      const fields = left === 1 ? 'Connection: close\r\n' : ''
      socket.write(`GET ${SMALL_PATH} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)
      const { bytes, closes } = answered(await answers.next())
      if (bytes !== SMALL_BYTES) throw new Error(`an answer of ${bytes} bytes`)
      this.count.answered[kind] += 1
      if (closes) return
    }
  }

  async #upload(socket: Socket): Promise<void> {
    const answers = new AnswerReader(socket)
    const length = UPLOAD_PIECES * UPLOAD_PIECE.length
    socket.write(
      `POST ${UPLOAD_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
    )
    const answer = answers.next()
    answer.catch(() => undefined)
    for (let piece = 0; piece < UPLOAD_PIECES; piece += 1) {
      await pause(UPLOAD_PAUSE_MS)
      socket.write(UPLOAD_PIECE)
    }
    const { text } = answered(await answer)
    if (text !== String(length)) throw new Error(`of ${length} bytes the application saw "${text}"`)
    this.count.answered.uploads += 1
  }

  async #download(socket: Socket): Promise<void> {
    const answers = new AnswerReader(socket, { pauseMs: DOWNLOAD_PAUSE_MS })
    socket.write(`GET ${LARGE_PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const { bytes } = answered(await answers.next())
    if (bytes !== LARGE_BYTES) throw new Error(`an answer of ${bytes} bytes`)
    this.count.answered.downloads += 1
  }
}

function answered(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`answered ${answer.head.slice(0, 40)}`)
  return answer
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
