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

/** What the next thread will need of ours, and can have loaded before it has its entry. */
export interface Provision {
  /** URLs of what the project imports of this package. */
  readonly modules: readonly string[]
  readonly typescript: boolean
}

/** Provisions may come first, then the start. */
export type AppThreadOrder =
  | { readonly kind: 'provide'; readonly provision: Provision }
  | { readonly kind: 'start'; readonly data: AppThreadData }
  | { readonly kind: 'drain' }

export type AppThreadMessage =
  | { readonly kind: 'loaded'; readonly files: readonly string[]; readonly provision: Provision }
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
  const hear = (order: AppThreadOrder): void => {
    if (order.kind === 'provide') provide(order.provision)
    if (order.kind !== 'start') return
    parentPort?.off('message', hear)
    void start(order.data)
  }
  parentPort?.on('message', hear)
}

/** Of the project nothing is loaded, nor of its packages, which may have changed until the start. */
function provide({ modules, typescript }: Provision): void {
  const urls = typescript ? [TYPESCRIPT, ...modules] : modules
  for (const url of urls) import(url).catch(ignore) // what cannot be imported, the entry says
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
  const drain = (): void => {
    for (const listener of listeners) listener.close()
    void server.drain(data.drainMs).then(() => send({ kind: 'drained' }))
  }
  // connections made before the order wait in the queue of a listener: a turn of the loop takes them
  parentPort?.once('message', () => setImmediate(() => setImmediate(drain)))
}

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection)
  server.once('error', reject)
  server.listen(path, () => resolve(server))
  return promise
}

/** A module without a file: importing it has the runtime load what strips types, which takes it 25 ms. */
const TYPESCRIPT = 'portico-dev:typescript'
const TYPESCRIPT_MODULE = {
  url: TYPESCRIPT,
  format: 'module-typescript',
  source: 'export type {}',
  shortCircuit: true,
} as const

/** The files that the application is made of, so that a change of one of them is known for what it is. */
function reportLoadedFiles(): void {
  let files: string[] = []
  let isScheduled = false
  const ours = new Set<string>()
  let typescript = false
  const report = (): void => {
    isScheduled = false
    send({ kind: 'loaded', files, provision: { modules: [...ours], typescript } })
    files = []
  }
  const schedule = (): void => {
    if (!isScheduled) setImmediate(report)
    isScheduled = true
  }
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === TYPESCRIPT) return TYPESCRIPT_MODULE
      const resolved = next(specifier, context)
      if (specifier.startsWith('portico/')) {
        ours.add(resolved.url)
        schedule()
      }
      return resolved
    },
    load: (url, context, next) => {
      if (url === TYPESCRIPT) return TYPESCRIPT_MODULE
      if (url.startsWith('file:') && !url.includes('/node_modules/')) {
        files.push(fileURLToPath(url))
        typescript ||= /\.[cm]?ts$/.test(url)
        schedule()
      }
      return next(url, context)
    },
  })
}

function ignore(): void {}
