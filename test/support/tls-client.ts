/** One request over TLS, on the runtime's own client. */
import { connect, type ConnectionOptions } from 'node:tls'

export interface TlsAnswer {
  /** What came, Latin-1; '' when nothing did. */
  readonly text: string
  /** Code of the error that ended it. */
  readonly error: string | undefined
  readonly session: Buffer | undefined
  /** Common name of the certificate that was shown. */
  readonly shown: string | undefined
  readonly reused: boolean
}

const TIMEOUT_MS = 10_000

/** Sends `request` and reads to the end. A failure is part of the answer. */
export function askTls(
  port: number,
  request: string | Buffer,
  options: ConnectionOptions = {},
): Promise<TlsAnswer> {
  const { promise, resolve } = Promise.withResolvers<TlsAnswer>()
  const chunks: Buffer[] = []
  let error: string | undefined
  let session: Buffer | undefined
  let shown: string | undefined
  let reused = false
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timed out')))
  socket.on('secureConnect', () => {
    const { CN } = socket.getPeerCertificate().subject ?? {}
    shown = Array.isArray(CN) ? CN.join() : CN
    reused = socket.isSessionReused()
    socket.write(request)
  })
  socket.on('session', (fresh: Buffer) => (session = fresh))
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', (cause: NodeJS.ErrnoException) => (error = cause.code ?? cause.message))
  socket.on('close', () => {
    resolve({ text: Buffer.concat(chunks).toString('latin1'), error, session, shown, reused })
  })
  return promise
}

/** HTTP/1.0, so that the connection ends with the answer. */
export function get(path: string, host = 'localhost'): string {
  return `GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`
}

export function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}
