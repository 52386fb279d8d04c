/**
 * The handles beneath node's sockets: the only file that touches what node does not publish. A socket of node:net costs
 * about as much per request as all of our own work; its handle takes a Latin-1 string straight into write(2) and reads
 * into one buffer for all connections.
 *
 * Everything used is looked for by name before; where a thing is missing or another kind of thing, `streamBinding` is
 * undefined and `acceptHandles` answers false, and the server runs on the public sockets. Names and meaning are those
 * of node's lib/internal/stream_base_commons.js and lib/net.js (Node 24).
 */
import type { Server, Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** One pending write or shutdown; after one that went through at once it can serve the next. */
export interface StreamRequest {
  oncomplete?: (this: StreamRequest, status: number) => void
  /** Ours: what keeps the bytes of a pending write from being collected. */
  held?: unknown
}

/** A connected TCP or unix-domain stream. Calls answer 0 or a negative errno. */
export interface StreamHandle {
  onread: ((this: StreamHandle) => void) | undefined
  /** Bytes that libuv has and the kernel has not. */
  readonly writeQueueSize: number
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: StreamRequest, text: string): number
  writeBuffer(request: StreamRequest, bytes: Buffer): number
  /** `chunks`: buffers, or with `allBuffers` false a flat list of chunk, encoding, chunk, encoding. */
  writev(request: StreamRequest, chunks: readonly (string | Buffer)[], allBuffers: boolean): number
  shutdown(request: StreamRequest): number
  close(closed: () => void): void
  /** TCP only from here on. */
  reset?(closed: () => void): number
  setNoDelay?(on: boolean): number
  getpeername?(address: { address?: string; port?: number }): number
  getsockname?(address: { address?: string; port?: number }): number
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- node's own types are in one, and this adds to them
  namespace NodeJS {
    interface Process {
      /** Not in the published types, as it is not published. */
      readonly binding?: (name: string) => unknown
    }
  }
}

interface StreamBinding {
  readonly WriteWrap: new () => StreamRequest
  readonly ShutdownWrap: new () => StreamRequest
  /** What the last call left: bytes read or an errno, whether a write is still under way. */
  readonly streamBaseState: Readonly<Record<number, number>>
  readonly kReadBytesOrError: number
  readonly kLastWriteWasAsync: number
}

const METHODS = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeLatin1String',
  'writeBuffer',
  'writev',
  'shutdown',
  'close',
] as const

/** Undefined where this runtime has no such thing. */
export const streamBinding: StreamBinding | undefined = findBinding()

function findBinding(): StreamBinding | undefined {
  try {
    const found = process.binding?.('stream_wrap') as Partial<StreamBinding> | undefined
    const { WriteWrap, ShutdownWrap, streamBaseState: state } = found ?? {}
    const { kReadBytesOrError: read, kLastWriteWasAsync: written } = found ?? {}
    const isWhole =
      typeof WriteWrap === 'function' &&
      typeof ShutdownWrap === 'function' &&
      typeof read === 'number' &&
      typeof written === 'number' &&
      typeof state?.[read] === 'number' &&
      typeof state[written] === 'number'
    return isWhole ? (found as StreamBinding) : undefined
  } catch {
    return undefined // it is refused under the permission model, and may be gone one day
  }
}

type OnConnection = (this: unknown, error: number, handle: unknown) => void

interface ListeningHandle {
  onconnection?: OnConnection
}

/**
 * From now on `onHandle` gets what the server accepts, instead of its `connection` event; failures of accept(2) remain
 * its `error` events. False where that cannot be had: the event goes on.
 */
export function acceptHandles(server: Server, onHandle: (handle: StreamHandle) => void): boolean {
  const { _handle: listening } = server as Server & { readonly _handle?: ListeningHandle | null }
  const original = listening?.onconnection
  if (streamBinding === undefined || !listening || typeof original !== 'function') return false
  listening.onconnection = function (error, handle) {
    if (error === 0 && isStreamHandle(handle)) onHandle(handle)
    else original.call(this, error, handle)
  }
  return true
}

/**
 * Takes the handle out of a socket that has just connected, before anything was written to it or read; the socket is
 * then good for nothing but `destroy`. Undefined where that cannot be had: the socket goes on.
 */
export function takeHandle(socket: Socket): StreamHandle | undefined {
  const holder = socket as Socket & { _handle?: unknown }
  const { _handle: handle } = holder
  if (streamBinding === undefined || !isStreamHandle(handle)) return undefined
  if (socket.connecting || socket.destroyed || socket.writableEnded) return undefined
  if (socket.writableLength > 0 || socket.readableLength > 0) return undefined
  holder._handle = null
  return handle
}

function isStreamHandle(handle: unknown): handle is StreamHandle {
  if (typeof handle !== 'object' || handle === null) return false
  const methods = handle as Record<string, unknown>
  return METHODS.every((name) => typeof methods[name] === 'function')
}

/** The error of a call that answered a negative errno, as node's sockets emit it. */
export function streamError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall })
}
