/** One TCP connection under a test's control: what is sent, when, and when it is read. */
import { connect, type Socket } from 'node:net'

export class RawConnection {
  readonly socket: Socket
  /** Everything received so far, as Latin-1. */
  text = ''
  /** The server sent its FIN. */
  ended = false
  /** The connection broke with this code (`ECONNRESET`). */
  fault: string | undefined
  #onChange: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1')
      this.#onChange?.()
    })
    socket.on('end', () => {
      this.ended = true
      this.#onChange?.()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.fault = error.code ?? error.message
      this.#onChange?.()
    })
    socket.on('close', () => this.#onChange?.())
  }

  static async open(port: number): Promise<RawConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(undefined))
    await promise
    socket.off('error', reject)
    return new RawConnection(socket)
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  }

  /** Sends our FIN. */
  finish(): void {
    this.socket.end()
  }

  close(): void {
    this.socket.destroy()
  }

  /** Resolves once the condition holds; rejects with what came when it does not in time. */
  async until(condition: (connection: this) => boolean, timeoutMs = 8_000): Promise<void> {
    const late = performance.now() + timeoutMs
    while (!condition(this)) {
      const left = late - performance.now()
      if (left <= 0) throw new Error(`waited in vain; received ${JSON.stringify(this.text.slice(-2000))}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 100))
        this.#onChange = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Until the server ends or breaks the connection. Resolves to what was received. */
  async whole(timeoutMs?: number): Promise<string> {
    await this.until((it) => it.ended || it.fault !== undefined || it.socket.destroyed, timeoutMs)
    return this.text
  }
}
