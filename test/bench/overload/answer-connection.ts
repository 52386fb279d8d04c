/** A visitor's connection: one request at a time, and what became of it. */
import { connect, type Socket } from 'node:net'

/** A status; `refused` without a connection, `cut` in the middle, `gone` when the visitor did not wait any longer. */
export type Outcome = number | 'refused' | 'cut' | 'gone'

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

export class AnswerConnection {
  readonly #socket: Socket
  #open = true
  #connected = false
  #head = ''
  /** Of the body, still to come; -1 before the head, Infinity where its last chunk tells. */
  #missing = -1
  #tail = ''
  #answer: PromiseWithResolvers<Outcome> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('connect', () => (this.#connected = true))
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes.toString('latin1')))
    this.#socket.on('error', () => this.#fail())
    this.#socket.on('close', () => this.#fail())
  }

  /** Whether it can be asked again. */
  get open(): boolean {
    return this.#open
  }

  ask(path: string, last: boolean, giveUpMs: number): Promise<Outcome> {
    this.#head = this.#tail = ''
    this.#missing = -1
    this.#answer = Promise.withResolvers<Outcome>()
    this.#timer = setTimeout(() => this.#end('gone'), giveUpMs)
    const connection = last ? 'Connection: close\r\n' : ''
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n${connection}\r\n`,
    )
    return this.#answer.promise
  }

  close(): void {
    this.#open = false
    this.#socket.destroy()
  }

  #take(text: string): void {
    if (this.#missing < 0) this.#takeHead(text)
    else this.#takeBody(text)
    if (this.#missing === 0) this.#end(Number(this.#head.slice(9, 12)))
  }

  #takeHead(text: string): void {
    this.#head += text
    const end = this.#head.indexOf(HEAD_END)
    if (end < 0) return
    const body = this.#head.slice(end + HEAD_END.length)
    this.#head = this.#head.slice(0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1]
    this.#missing = length === undefined ? Infinity : Number(length)
    this.#takeBody(body)
  }

  #takeBody(text: string): void {
    if (this.#missing !== Infinity) this.#missing -= text.length
    else {
      this.#tail = (this.#tail + text).slice(-LAST_CHUNK.length)
      if (this.#tail === LAST_CHUNK) this.#missing = 0
    }
  }

  #end(outcome: Outcome): void {
    clearTimeout(this.#timer)
    const answer = this.#answer
    this.#answer = undefined
    if (outcome === 'gone' || /\r\nconnection: *close/i.test(this.#head)) this.close()
    answer?.resolve(outcome)
  }

  #fail(): void {
    this.#open = false
    this.#end(this.#connected ? 'cut' : 'refused')
  }
}
