/** The runtime's own parser (llhttp) behind node:http, to compare with. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface NodeRequest {
  method: string
  target: string
  version: string
  headers: string[]
  body: string
}

export interface NodeOutcome {
  /** Those whose body was complete. */
  requests: NodeRequest[]
  /** llhttp's code. */
  error: string | undefined
}

export interface NodePeer {
  ask(bytes: Buffer): Promise<NodeOutcome>
  stop(): Promise<void>
}

export async function startNode(): Promise<NodePeer> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-node-'))
  const path = join(folder, 'node.sock')
  const outcomes = new Map<Socket, NodeOutcome>()
  let last: { outcome: NodeOutcome; closed: Promise<void> } | undefined
  const server = createServer({ keepAlive: true, requestTimeout: 0 }, (request, response) => {
    const outcome = outcomes.get(request.socket)
    if (outcome !== undefined) collect(request, outcome)
    response.end()
  })
  server.on('checkContinue', (request: IncomingMessage, response) =>
    server.emit('request', request, response),
  )
  server.on('checkExpectation', (request: IncomingMessage, response) =>
    server.emit('request', request, response),
  )
  server.on('connection', (socket) => {
    const outcome: NodeOutcome = { requests: [], error: undefined }
    outcomes.set(socket, outcome)
    last = { outcome, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
  })
  // without a listener it would close the connection without a word
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    outcomes.get(socket)?.requests.push(describe(request, ''))
    socket.destroy()
  })
  server.on('upgrade', (_request: IncomingMessage, socket: Socket) => socket.destroy())
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const outcome = outcomes.get(socket as Socket)
    if (outcome !== undefined) outcome.error ??= error.code ?? error.message
    // requests in front of the flaw have yet to end
    setImmediate(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    ask: async (bytes) => {
      last = undefined
      await send(path, bytes)
      const asked = last as typeof last | { outcome: NodeOutcome; closed: Promise<void> }
      if (asked === undefined) throw new Error('no connection')
      await asked.closed
      return asked.outcome
    },
    stop: () => stop(server, folder),
  }
}

function collect(request: IncomingMessage, outcome: NodeOutcome): void {
  let body = ''
  request.setEncoding('latin1')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => outcome.requests.push(describe(request, body)))
  // a body that is cut short is an error of the parser already
  request.on('error', () => undefined)
}

function describe(request: IncomingMessage, body: string): NodeRequest {
  const raw = request.rawHeaders
  const headers = raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1] ?? ''}`] : []))
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    version: request.httpVersion,
    headers,
    body,
  }
}

function send(path: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
    socket.on('end', () => socket.destroy())
    socket.resume()
    socket.end(bytes)
  })
}

async function stop(server: Server, folder: string): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
  rmSync(folder, { recursive: true, force: true })
}
