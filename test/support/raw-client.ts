/** Sends bytes as they are and gives what comes back until the server closes, or until it is quiet. */
import { connect, type Socket } from 'node:net'

export interface RawOptions {
  /** Resolve when nothing came for so long although the connection is open; 0 waits for its end. */
  readonly quietMs?: number
  readonly timeoutMs?: number
  /** Close our side after sending. */
  readonly halfClose?: boolean
}

export interface RawAnswer {
  readonly text: string
  /** Whether the server ended the connection. */
  readonly closed: boolean
}

export function sendRaw(
  port: number,
  pieces: string | readonly string[],
  options: RawOptions = {},
): Promise<RawAnswer> {
  const { quietMs = 0, timeoutMs = 10_000, halfClose = false } = options
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  const socket: Socket = connect(port, '127.0.0.1')
  let text = ''
  let quiet: NodeJS.Timeout | undefined
  const finish = (closed: boolean): void => {
    clearTimeout(quiet)
    clearTimeout(late)
    socket.destroy()
    resolve({ text, closed })
  }
  const late = setTimeout(() => {
    socket.destroy()
    reject(new Error(`no end within ${timeoutMs} ms; so far: ${JSON.stringify(text)}`))
  }, timeoutMs)
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    if (quietMs === 0) return
    clearTimeout(quiet)
    quiet = setTimeout(() => finish(false), quietMs)
  })
  socket.on('end', () => finish(true))
  socket.on('close', () => finish(true))
  socket.on('error', () => finish(true))
  socket.on('connect', () => {
    for (const piece of typeof pieces === 'string' ? [pieces] : pieces) socket.write(piece, 'latin1')
    if (halfClose) socket.end()
  })
  return promise
}
