/** A line each way over a unix socket that its owner alone may use: how a running server is asked. */
import { rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { bindSocket } from './bind.ts'
import { probeAddress } from './probe-address.ts'
import type { UnixAddress } from './socket-address.ts'

const OWNER_ONLY = 0o600
const MAX_LINE_CHARS = 4096
const IDLE_TIMEOUT_MS = 5000

/** Answers one line for one line. Must not reject. */
export type AnswerLine = (line: string) => Promise<string>

export interface ControlSocket {
  close(): void
}

/** Rejects where the socket cannot be bound. It keeps no process alive. */
export async function listenControl(address: UnixAddress, answer: AnswerLine): Promise<ControlSocket> {
  const bound = await bindSocket(address, { mode: OWNER_ONLY, makeDirectory: true })
  const server = createServer((socket) => serve(socket, answer))
  server.on('error', () => undefined)
  server.listen({ fd: bound.fd })
  server.unref()
  return {
    // The descriptor is the listener's own from here on; the path goes as soon as nobody is there.
    close: () => {
      server.close()
      rmSync(address.path, { force: true })
    },
  }
}

function serve(socket: Socket, answer: AnswerLine): void {
  let text = ''
  socket.unref()
  socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    text += bytes.toString('utf8')
    const end = text.indexOf('\n')
    if (end < 0 && text.length > MAX_LINE_CHARS) socket.destroy()
    if (end < 0) return
    socket.removeAllListeners('data')
    void answer(text.slice(0, end)).then((reply) => socket.end(`${reply}\n`))
  })
}

/** Rejects with the system's error where nobody listens. */
export function askControl(address: UnixAddress, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = createConnection({ path: address.path })
  let text = ''
  socket.on('connect', () => socket.write(`${line}\n`))
  socket.on('data', (bytes) => (text += bytes.toString('utf8')))
  socket.on('error', reject)
  socket.on('end', () => resolve(text.trimEnd()))
  return promise
}

/** A server that answers is there already: another may not take its path. */
export async function isControlled(address: UnixAddress): Promise<boolean> {
  return (await probeAddress(address)) === undefined
}
