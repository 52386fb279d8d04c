/**
 * A connection straight on its handle. Rules of this file:
 * - All connections read into one buffer: what `onData` gets is good until it returns.
 * - At most one write is under way in the runtime; what is written meanwhile waits here, in order.
 * - The owner is called from the loop only, never from within a call of its own.
 */
import type { ConnectionOwner } from './connection.ts'
import { writeGatheredLines } from './log-file.ts'
import { streamBinding, streamError, type StreamHandle, type StreamRequest } from './stream-handle.ts'
import type { StartedTransport } from './transport.ts'

const READ_BYTES = 65_536
/** So much may wait to be sent before `write` says to stop: what node's sockets allow. */
const HIGH_WATER_BYTES = 65_536
const UV_EOF = -4095
const UV_ENOTCONN = -107
/** What shutdown(2) answers when there is nothing to wait for. */
const SHUT_AT_ONCE = 1

const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

/** Requests of one client are of one length, mostly: the same view serves them, as its bytes are lent anyway. */
let lent = readBuffer.subarray(0, 0)

function lend(count: number): Buffer {
  if (lent.length !== count) lent = readBuffer.subarray(0, count)
  return lent
}

/** Only for writes that the kernel took whole: one that did not keeps its request until it is done. */
let spareRequest: StreamRequest | undefined

interface OwnedHandle extends StreamHandle {
  transport?: HandleTransport
}
interface OwnedRequest extends StreamRequest {
  transport?: HandleTransport
}

export class HandleTransport implements StartedTransport {
  readonly lendsBytes = true
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  bytesWritten = 0
  bytesTaken = 0
  readonly #handle: StreamHandle
  #owner: ConnectionOwner | undefined
  #local: { address?: string; port?: number } | undefined
  #queue: (string | Buffer)[] = []
  #queuedBytes = 0
  /** Of the write under way. */
  #writingBytes = 0
  #corks = 0
  #readEnded = false
  #ending = false
  #shut = false
  #closing = false
  #destroyed = false
  #error: NodeJS.ErrnoException | undefined

  constructor(handle: StreamHandle) {
    this.#handle = handle
    const peer: { address?: string; port?: number } = {}
    handle.getpeername?.(peer) // later it may be gone, and its log line names it
    this.remoteAddress = peer.address
    this.remotePort = peer.port
    handle.setNoDelay?.(true)
  }

  /** Begins to read. */
  start(owner: ConnectionOwner): this {
    this.#owner = owner
    const handle: OwnedHandle = this.#handle
    handle.transport = this
    handle.onread = onRead
    handle.useUserBuffer(readBuffer)
    handle.readStart()
    return this
  }

  /** Asked for by few requests. */
  get localAddress(): string | undefined {
    return this.#localEnd().address
  }

  get localPort(): number | undefined {
    return this.#localEnd().port
  }

  #localEnd(): { address?: string; port?: number } {
    if (this.#local) return this.#local
    this.#local = {}
    if (!this.#destroyed) this.#handle.getsockname?.(this.#local)
    return this.#local
  }

  get destroyed(): boolean {
    return this.#destroyed
  }

  get pendingBytes(): number {
    return this.#writingBytes + this.#queuedBytes
  }

  get willDrain(): boolean {
    return this.pendingBytes > 0
  }

  get unsentBytes(): number {
    return this.#queuedBytes + (this.#destroyed ? 0 : this.#handle.writeQueueSize)
  }

  write(data: string | Buffer): boolean {
    if (this.#destroyed || this.#ending) return false
    this.bytesWritten += data.length
    if (data.length === 0) return this.pendingBytes < HIGH_WATER_BYTES
    if (this.#corks === 0 && this.#writingBytes === 0) this.#send(data)
    else {
      this.#queue.push(data)
      this.#queuedBytes += data.length
    }
    if (this.#destroyed) return false
    // what is corked may all leave at once, and no drain would follow
    return this.#writingBytes === 0 || this.#writingBytes + this.#queuedBytes < HIGH_WATER_BYTES
  }

  cork(): void {
    this.#corks += 1
  }

  uncork(): void {
    this.#corks -= 1
    if (this.#corks === 0 && this.#writingBytes === 0 && !this.#destroyed) this.#sendQueue()
  }

  #send(data: string | Buffer): void {
    const request = takeRequest()
    const handle = this.#handle
    const errno =
      typeof data === 'string' ? handle.writeLatin1String(request, data) : handle.writeBuffer(request, data)
    this.#sent(request, errno, data.length, data)
  }

  #sendQueue(): void {
    const queue = this.#queue
    const [first] = queue
    if (first === undefined) return
    const bytes = this.#queuedBytes
    this.#queue = []
    this.#queuedBytes = 0
    if (queue.length === 1) {
      this.#send(first)
      return
    }
    const request = takeRequest()
    const allBuffers = queue.every((chunk) => typeof chunk !== 'string')
    const chunks = allBuffers
      ? queue
      : queue.flatMap((chunk) => [chunk, typeof chunk === 'string' ? 'latin1' : 'buffer'])
    this.#sent(request, this.#handle.writev(request, chunks, allBuffers), bytes, queue)
  }

  /** `data` is kept from the collector as long as the kernel has not taken it. */
  #sent(request: OwnedRequest, errno: number, bytes: number, data: unknown): void {
    if (errno !== 0) {
      this.#fail(streamError('write', errno))
      return
    }
    this.bytesTaken += bytes
    const { streamBaseState, kLastWriteWasAsync } = binding()
    if (streamBaseState[kLastWriteWasAsync] === 0) {
      spareRequest = request
      return
    }
    this.#writingBytes = bytes
    request.transport = this
    request.held = data
    request.oncomplete = onWritten
  }

  /** A write that did not leave at once is done. */
  written(status: number): void {
    this.#writingBytes = 0
    if (this.#destroyed) return
    if (status < 0) {
      this.#fail(streamError('write', status))
      return
    }
    if (this.#corks === 0) this.#sendQueue()
    if (this.#destroyed || this.pendingBytes > 0) return
    try {
      this.#owner?.onDrain()
    } catch (error) {
      this.#fail(asError(error))
    }
    this.#afterDrain()
  }

  #afterDrain(): void {
    if (this.#destroyed || this.pendingBytes > 0) return
    if (this.#closing) this.destroy()
    else if (this.#ending) this.#shutDown()
  }

  readable(): void {
    const { streamBaseState, kReadBytesOrError } = binding()
    const count = streamBaseState[kReadBytesOrError] ?? 0
    if (count === 0 || this.#destroyed) return
    try {
      if (count > 0) this.#owner?.onData(lend(count))
      else if (count === UV_EOF) this.#peerEnded()
      else this.#fail(streamError('read', count))
    } catch (error) {
      this.#fail(asError(error))
    }
  }

  #peerEnded(): void {
    this.#readEnded = true
    this.#owner?.onEnd()
    if (this.#shut) this.destroy()
  }

  pause(): void {
    if (!this.#destroyed && !this.#readEnded) this.#handle.readStop()
  }

  resume(): void {
    if (!this.#destroyed && !this.#readEnded) this.#handle.readStart()
  }

  end(): void {
    writeGatheredLines()
    if (this.#destroyed || this.#ending) return
    this.#ending = true
    if (this.pendingBytes === 0) this.#shutDown()
  }

  #shutDown(): void {
    const request: OwnedRequest = new (binding().ShutdownWrap)()
    request.transport = this
    request.oncomplete = onShut
    const errno = this.#handle.shutdown(request)
    if (errno === SHUT_AT_ONCE || errno === UV_ENOTCONN) this.shut()
    else if (errno < 0) this.#fail(streamError('shutdown', errno))
  }

  /** Our FIN has left. */
  shut(): void {
    this.#shut = true
    if (this.#readEnded) this.destroy()
  }

  destroySoon(): void {
    writeGatheredLines()
    if (this.pendingBytes === 0) this.destroy()
    else this.#ending = this.#closing = true
  }

  destroy(): void {
    writeGatheredLines()
    if (!this.#release()) return
    this.#handle.close(() => this.#closed())
  }

  reset(): void {
    writeGatheredLines()
    if (!this.#release()) return
    const closed = (): void => this.#closed()
    // without RST where there is none (unix-domain), or where the kernel refuses
    if (!this.#handle.reset || this.#handle.reset(closed) !== 0) this.#handle.close(closed)
  }

  #release(): boolean {
    if (this.#destroyed) return false
    this.#localEnd() // the last moment: the log line of a request that is cut names it
    this.#destroyed = true
    this.#queue = []
    this.#queuedBytes = 0
    return true
  }

  #closed(): void {
    const owner = this.#owner
    this.#owner = undefined
    owner?.onClose(this.#error)
  }

  #fail(error: Error): void {
    if (!this.#destroyed) this.#error = error
    this.destroy()
  }
}

function onRead(this: OwnedHandle): void {
  this.transport?.readable()
}

function onWritten(this: OwnedRequest, status: number): void {
  this.held = undefined
  this.transport?.written(status)
}

function onShut(this: OwnedRequest): void {
  this.transport?.shut()
}

function binding(): NonNullable<typeof streamBinding> {
  if (!streamBinding) throw new Error('handles are used without their binding')
  return streamBinding
}

function takeRequest(): OwnedRequest {
  const request = spareRequest ?? new (binding().WriteWrap)()
  spareRequest = undefined
  return request
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
