/** Answers with Content-Length on one connection, one after the other; every byte belongs to one that was asked for. */
import type { Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly head: string
  /** Length of the body. */
  readonly bytes: number
  /** The body, up to what is kept of it. */
  readonly text: string
  /** It says `Connection: close`. */
  readonly closes: boolean
}

interface ReaderOptions {
  /** After each piece, so long nothing is read. */
  readonly pauseMs?: number
  /** Of a body's beginning, in bytes. */
  readonly keptBytes?: number
}

export class AnswerReader {
  readonly #socket: Socket
  readonly #pauseMs: number
  readonly #keptBytes: number
  #head = ''
  #text = ''
  #bytes = 0
  #expected = -1
  #pending: PromiseWithResolvers<Answer> | undefined
  #error: Error | undefined

  constructor(socket: Socket, { pauseMs = 0, keptBytes = 64 }: ReaderOptions = {}) {
    this.#socket = socket
    this.#pauseMs = pauseMs
    this.#keptBytes = keptBytes
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', (error) => this.#fail(error))
    socket.on('end', () => this.#fail(new Error('the connection ended')))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  /** What went wrong with the connection, or that it ended. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Nothing of the answer came yet. */
  get untouched(): boolean {
    return this.#head === ''
  }

  /** Rejects with the first thing that went wrong. */
  next(): Promise<Answer> {
    if (this.#error) return Promise.reject(this.#error)
    this.#head = this.#text = ''
    this.#bytes = 0
    this.#expected = -1
    this.#pending = Promise.withResolvers<Answer>()
    return this.#pending.promise
  }

  #take(bytes: Buffer): void {
    if (this.#pending === undefined) {
      this.#fail(new Error('bytes that nobody asked for'))
      return
    }
    if (this.#expected < 0) this.#takeHead(bytes)
    else this.#takeBody(bytes)
    if (this.#expected >= 0 && this.#bytes >= this.#expected) this.#finish()
    else if (this.#pauseMs > 0) this.#rest()
  }

  #takeHead(bytes: Buffer): void {
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return
    const text = this.#head.slice(end + 4)
    this.#head = this.#head.slice(0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#head)?.[1]
    if (!this.#head.startsWith('HTTP/1.1 ') || length === undefined) {
      this.#fail(new Error(`answered ${this.#head.slice(0, 40)}`))
      return
    }
    this.#expected = Number(length)
    this.#bytes = text.length
    this.#text = text.slice(0, this.#keptBytes)
  }

  #takeBody(bytes: Buffer): void {
    const wanted = this.#keptBytes - this.#text.length
    if (wanted > 0) this.#text += bytes.toString('latin1', 0, wanted)
    this.#bytes += bytes.length
  }

  #rest(): void {
    this.#socket.pause()
    setTimeout(() => this.#socket.resume(), this.#pauseMs)
  }

  #finish(): void {
    const pending = this.#pending
    this.#pending = undefined
    if (this.#bytes > this.#expected) {
      this.#error = new Error(`${this.#bytes} bytes instead of ${this.#expected}`)
      pending?.reject(this.#error)
      return
    }
    const head = this.#head
    const closes = head.includes('\r\nConnection: close')
    pending?.resolve({
      status: Number(head.slice(9, 12)),
      head,
      bytes: this.#bytes,
      text: this.#text,
      closes,
    })
  }

  #fail(error: Error): void {
    this.#error ??= error
    this.#pending?.reject(this.#error)
    this.#pending = undefined
  }
}
