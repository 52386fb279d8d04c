/**
 * A response on its way from the upstream to the client. Small ones are gathered and leave in one write with their
 * head; others are streamed. Where the client is slower than the upstream, a buffered response goes on into memory
 * and a temporary file, so that the upstream is free early; an unbuffered one stops the upstream instead.
 */
import type { HeaderTable } from '../../http/header-table.ts'
import type { ByteRange } from '../../http/range.ts'
import { SpillQueue } from '../../io/files/spill-queue.ts'
import { parseSize } from '../../util/size.ts'
import { failRequest } from '../phases.ts'
import type { Request } from '../request.ts'
import { waitForRoom, type DrainListener } from '../response-output.ts'
import { beginStream, endStream, sendHeadOnly, sendText, writeChunk } from '../response.ts'
import { cutToRange } from './forced-range.ts'
import { ReadPace, type PacedReader } from './read-pace.ts'
import { ResponseStore } from './response-store.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** Largest body that is gathered to leave in one write with its head, bytes: beyond it text costs more than buffers. */
const MAX_GATHERED_BYTES = 16 * 1024

/** Most that one read gives. */
const SPARE_BYTES = 64 * 1024

const MORE_THAN_LENGTH =
  'upstream sent more data than specified in "Content-Length" header while reading upstream'

/** Who reads the upstream. */
export interface RelaySource {
  /** The upstream is to be read no further, or again. */
  onHold(held: boolean): void
  /** The client's connection is gone. */
  onClientGone(): void
  /** A field of the response cannot be sent. */
  onRelayFault(error: unknown): void
}

export interface RelayedHead {
  /** Content-Length; -1 for none. */
  readonly declared: number
  /** Whether body bytes are dropped: HEAD, 304. */
  readonly bodyless: boolean
  /** Whether what the client does not take yet may wait here. */
  readonly buffered: boolean
  /** What of the body goes to the client; all where it is undefined. */
  readonly part: ByteRange | undefined
}

export class ResponseRelay implements DrainListener, PacedReader {
  readonly #request: Request
  readonly #settings: UpstreamSettings
  readonly #source: RelaySource
  readonly #declared: number
  readonly #buffered: boolean
  readonly #part: ByteRange | undefined
  #discard: boolean
  /** Body that came with the head, as Latin-1 text so that one write takes both, until the read is over or the response whole. */
  #gathered: string | undefined = ''
  #received = 0
  #queue: SpillQueue | undefined
  #pace: ReadPace | undefined
  #store: ResponseStore | undefined
  /** The client takes no more for now. */
  #waiting = false
  #held = false
  /** The upstream has sent all. */
  #ended = false
  #cut = false
  #over = false

  constructor(request: Request, settings: UpstreamSettings, source: RelaySource, head: RelayedHead) {
    this.#request = request
    this.#settings = settings
    this.#source = source
    this.#declared = head.declared
    this.#discard = head.bodyless
    this.#buffered = head.buffered
    this.#part = head.part
    const rate = head.buffered ? sizeOf(settings, request) : 0
    if (rate > 0) this.#pace = new ReadPace(rate, this)
    if (settings.store && !head.bodyless && request.status === 200)
      this.#store = new ResponseStore(request, settings, settings.store(request), () => this.#goOn())
  }

  /** Bytes of body that the upstream sent. */
  get received(): number {
    return this.#received
  }

  /** Whether nothing of the response can be taken back any more. */
  get begun(): boolean {
    return this.#gathered === undefined
  }

  /** Fewer bytes than declared came. */
  get short(): boolean {
    return !this.#discard && this.#declared >= 0 && this.#received < this.#declared
  }

  /** `chunk` is lent: what is not text or written at once is copied. */
  take(chunk: Buffer): void {
    this.#received += chunk.length
    if (this.#over || (this.#discard && !this.#store)) return
    const piece = this.#declared >= 0 && this.#received > this.#declared ? this.#withoutExcess(chunk) : chunk
    if (piece.length === 0) return
    this.#store?.take(Buffer.from(piece))
    if (!this.#discard) this.#give(piece)
    if (this.#pace?.waiting || this.#store?.full) this.#hold(true)
  }

  #give(whole: Buffer): void {
    const piece = this.#part ? cutToRange(whole, this.#received - whole.length, this.#part) : whole
    if (piece.length === 0) return
    if (this.#pace) this.#pace.take(Buffer.from(piece))
    else this.onPaced(piece)
  }

  #withoutExcess(chunk: Buffer): Buffer {
    const excess = this.#received - this.#declared
    if (excess >= chunk.length) return chunk.subarray(0, 0)
    this.#request.location.settings.errorLog.request('warn', this.#request, MORE_THAN_LENGTH)
    return chunk.subarray(0, chunk.length - excess)
  }

  onPaced(piece: Buffer): void {
    const gathered = this.#gathered
    if (gathered === undefined) this.#pass(piece)
    else if (gathered.length + piece.length <= MAX_GATHERED_BYTES)
      this.#gathered = gathered + piece.latin1Slice(0, piece.length)
    else {
      this.#startStreaming()
      if (!this.#over) this.#pass(piece)
    }
  }

  onPacedTurn(waiting: boolean): void {
    this.flush()
    if (!waiting) this.#goOn()
  }

  /** All input of one read was given: what is held back for a larger write goes now. */
  flush(): void {
    if (this.#gathered !== undefined && !this.#discard && !this.#over && !this.#ended) this.#startStreaming()
  }

  #startStreaming(): void {
    const gathered = this.#gathered ?? ''
    this.#gathered = undefined
    try {
      if (!beginStream(this.#request, gathered)) this.#waitForClient()
    } catch (error) {
      this.#fail(error)
    }
  }

  #pass(piece: Buffer): void {
    if (this.#waiting || this.#queue?.empty === false) this.#queueUp(Buffer.from(piece))
    else if (!writeLent(this.#request, piece)) this.#waitForClient()
  }

  /** What a socket took whole needs no waiting for, whatever it says of its buffer. */
  #waitForClient(): void {
    const { connection, output } = this.#request
    if (!output && connection.io.pendingBytes === 0) return
    this.#waiting = true
    if (!this.#buffered) this.#hold(true)
    waitForRoom(this.#request, this)
  }

  #queueUp(piece: Buffer): void {
    this.#queue ??= this.#newQueue()
    this.#queue.push(piece)
    if (this.#queue.full || !this.#buffered) this.#hold(true)
  }

  #newQueue(): SpillQueue {
    const { bufferBytes, maxTempBytes, tempFolder } = this.#settings
    const request = this.#request
    const { errorLog } = request.location.settings
    return new SpillQueue({
      memoryBytes: bufferBytes,
      fileBytes: this.#buffered ? maxTempBytes : 0,
      folder: tempFolder ?? request.connection.server.tempFolder,
      onChange: () => this.#goOn(),
      onFileError: (error) => errorLog.request('crit', request, `response not buffered: ${error.message}`),
    })
  }

  onDrain(): void {
    if (this.#over) return
    this.#waiting = false
    this.#goOn()
  }

  onGone(): void {
    this.#source.onClientGone()
  }

  /** Gives what waits here, lets the upstream go on, ends the response: as far as each is possible. */
  #goOn(): void {
    if (this.#over) return
    const queue = this.#queue
    while (queue && !this.#waiting) {
      const piece = queue.shift()
      if (!piece) break
      if (!writeChunk(this.#request, piece)) this.#waitForClient()
    }
    if (this.#ended) this.#finish()
    else if (!this.#blocked) this.#hold(false)
  }

  /** Whether the upstream has to wait. */
  get #blocked(): boolean {
    if (this.#pace?.waiting || this.#store?.full) return true
    return this.#buffered ? this.#queue?.full === true : this.#waiting || this.#queue?.empty === false
  }

  #hold(held: boolean): void {
    if (this.#held === held || this.#ended) return
    this.#held = held
    this.#source.onHold(held)
  }

  /** The whole response has come. */
  end(trailers: HeaderTable | undefined): void {
    this.#ended = true
    if (trailers && this.#settings.passTrailers) passTrailers(this.#request, trailers)
    if (!this.#store) this.#finish()
    else this.#store.commit(() => this.#finish())
  }

  #finish(): void {
    if (this.#over || this.#pace?.waiting || this.#store?.committing) return
    if (!this.#discard && (this.#waiting || this.#queue?.empty === false)) return
    this.#over = true
    this.#queue?.close()
    const request = this.#request
    if (request.connection.closed) return
    if (this.#cut && !request.parent) {
      request.connection.abort()
      return
    }
    try {
      if (this.#discard) sendHeadOnly(request)
      else if (this.#gathered !== undefined && !request.trailers) sendText(request, this.#gathered)
      else this.#endStream()
    } catch (error) {
      failRequest(request, error)
    }
  }

  #endStream(): void {
    if (this.#gathered !== undefined) beginStream(this.#request, this.#gathered)
    endStream(this.#request)
  }

  #fail(error: unknown): void {
    this.stop()
    this.#source.onRelayFault(error)
  }

  /**
   * The response broke off behind its head: the client gets what came, and sees that it is not whole. That of a
   * subrequest ends there, and the page that it is a part of goes on (as in nginx): whoever needs it whole counts.
   */
  cut(): void {
    this.#ended = this.#cut = true
    this.#store?.discard()
    this.#store = undefined
    this.#finish()
  }

  /** The client is gone, but the response is to be read to its end. */
  discard(): void {
    this.#discard = true
    this.#pace?.stop()
    this.#pace = undefined
    this.#queue?.close()
    this.#queue = undefined
    this.#waiting = false
    this.#held = false
  }

  /** Nothing more is given to the client. */
  stop(): void {
    this.#over = true
    this.#pace?.stop()
    this.#queue?.close()
    this.#store?.discard()
  }
}

/** What a piece is copied into while it is written; another one when the client did not take it whole. */
let spare: Buffer | undefined

/** As `writeChunk`, of bytes that are only good until it returns. */
function writeLent(request: Request, piece: Buffer): boolean {
  if (request.output || piece.length > SPARE_BYTES) return writeChunk(request, Buffer.from(piece))
  const own = (spare ??= Buffer.allocUnsafeSlow(SPARE_BYTES))
  piece.copy(own)
  spare = undefined // a write can come back here
  const more = writeChunk(request, own.subarray(0, piece.length))
  if (request.connection.io.pendingBytes === 0) spare = own
  return more
}

function sizeOf({ limitRate }: UpstreamSettings, request: Request): number {
  return limitRate ? (parseSize(limitRate.evaluate(request)) ?? 0) : 0
}

/** Fields behind a chunked body, after those of `add_trailer`. */
function passTrailers(request: Request, trailers: HeaderTable): void {
  const configured = request.trailers
  const passed = trailers.rawNames.map((name, index) => [name, trailers.values[index] ?? ''] as const)
  request.trailers = configured ? (of) => [...configured(of), ...passed] : () => passed
}
