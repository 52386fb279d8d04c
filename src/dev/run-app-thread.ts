/** What runs in the thread of an application: the entry module, behind sockets that only the front of this process knows. */
import { mkdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { createServer, type Server } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parentPort } from 'node:worker_threads'
import { CapturedListen } from '../app/adapters/captured-listen.ts'
import { ApplicationServer, type AppProtocol } from '../app/application-server.ts'
import { loadEntry } from '../app/load-entry.ts'
import type { Socket } from '../io/socket.ts'
import type { LogLevel } from '../io/error-logger.ts'
import { failureOf, type AppFailure } from './app-failure.ts'
import { debugApplication } from './debug-application.ts'

export interface AppThreadData {
  /** Absolute path of the module. */
  readonly entry: string
  readonly protocol: AppProtocol
  /** Paths of sockets: for requests, and for those with `Upgrade`. */
  readonly address: string
  readonly upgradeAddress: string
  /** How long requests under way have when the thread is to go. */
  readonly drainMs: number
}

/** The first of them is a start. */
export type AppThreadOrder =
  { readonly kind: 'start'; readonly data: AppThreadData } | { readonly kind: 'drain' }

export type AppThreadMessage =
  | { readonly kind: 'loaded'; readonly files: readonly string[] }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: AppFailure }
  | { readonly kind: 'drained' }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }

function send(message: AppThreadMessage): void {
  parentPort?.postMessage(message)
}

/** Waits for its order: until then the thread has loaded nothing of the project. */
export function runAppThread(): void {
  reportLoadedFiles()
  parentPort?.once('message', (order: AppThreadOrder) => {
    if (order.kind === 'start') void start(order.data)
  })
}

/** What goes wrong is told to the other side. */
async function start(data: AppThreadData): Promise<void> {
  const own = [import.meta.dirname]
  try {
    await serve(data, own)
    send({ kind: 'ready' })
  } catch (error) {
    send({ kind: 'failed', failure: failureOf(error, own) })
  }
}

async function serve(data: AppThreadData, own: readonly string[]): Promise<void> {
  const capture = new CapturedListen()
  capture.install()
  const { application, upgrades } = await loadEntry(data.entry, capture)
  const server = new ApplicationServer({
    application: debugApplication(application, own),
    upgrades,
    protocol: data.protocol,
    multiprocess: false,
    log: { log: (level, message) => send({ kind: 'log', level, message }) },
  })
  mkdirSync(dirname(data.address), { recursive: true, mode: 0o700 })
  const listeners = [
    await listen(data.address, (socket) => server.accept(socket)),
    await listen(data.upgradeAddress, (socket) => server.acceptUpgrade(socket)),
  ]
  parentPort?.once('message', () => {
    for (const listener of listeners) listener.close()
    void server.drain(data.drainMs).then(() => send({ kind: 'drained' }))
  })
}

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection)
  server.once('error', reject)
  server.listen(path, () => resolve(server))
  return promise
}

/** The files that the application is made of, so that a change of one of them is known for what it is. */
function reportLoadedFiles(): void {
  let files: string[] = []
  const flush = (): void => {
    send({ kind: 'loaded', files })
    files = []
  }
  registerHooks({
    load: (url, context, next) => {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        if (files.length === 0) setImmediate(flush)
        files.push(fileURLToPath(url))
      }
      return next(url, context)
    },
  })
}
