/**
 * A worker's connection to the keeper of zones: frames of one turn of the event loop in one write, answers in the
 * order of the questions, and a new connection when this one is lost.
 *
 *     down ──connected──▶ greeting ──WELCOME──▶ up
 *      ▲───── closed, refused, silent, too much waiting ─────┘
 *
 * A question that the keeper does not answer, in time or at all, is answered `undefined`: whoever asked decides alone.
 * A keeper that is late once is not asked any further before it has answered a new greeting.
 */
import { FrameReader } from '../../protocol/zones/frame-reader.ts'
import { FrameWriter } from '../../protocol/zones/frame-writer.ts'
import * as op from '../../protocol/zones/operations.ts'

/** One byte stream to the keeper. */
export interface KeeperLink {
  write(bytes: Buffer): void
  /** Bytes that the system has not taken. */
  readonly pendingBytes: number
  /** No call of the events follows. */
  close(): void
}

export interface KeeperLinkEvents {
  onOpen(): void
  onData(bytes: Buffer): void
  /** Also where it could not be opened. */
  onClose(): void
}

/** The world as the client sees it. */
export interface KeeperTransport {
  connect(events: KeeperLinkEvents): KeeperLink
  nowMs(): number
  /** Answers what cancels it. */
  after(delayMs: number, callback: () => void): () => void
  /** After the bytes that have arrived by now were handed over. */
  afterInput(callback: () => void): void
  /** At the end of this turn. */
  soon(callback: () => void): void
}

export interface KeeperClientOwner {
  /** The keeper is there and knows nothing of this worker: tell it, before anything else is asked. */
  onUp(frames: FrameWriter): void
  /** It was lost, or could not be reached once more. */
  onDown(): void
  /** A frame that is no answer. */
  onNotice(operation: number, frame: FrameReader): void
}

type Answered = (frame: FrameReader | undefined) => void

interface Question {
  readonly answered: Answered
  /** The operation of the answer. */
  readonly answer: number
  readonly atMs: number
}

/** A keeper answers within a tenth of a millisecond; one that needs so long stands still. */
const ANSWER_TIMEOUT_MS = 500
const LEAST_RETRY_MS = 50
const MOST_RETRY_MS = 1000
/** Questions that may wait for their answers. */
const MAX_WAITING = 20_000
const MAX_PENDING_BYTES = 4 << 20
/** Answered questions that stay in the list before it is cut. */
const MOST_ANSWERED = 1024

export class KeeperClient {
  readonly #transport: KeeperTransport
  readonly #owner: KeeperClientOwner
  readonly #processId: number
  readonly #frames = new FrameWriter()
  #reader = new FrameReader()
  #link: KeeperLink | undefined
  #state: 'down' | 'greeting' | 'up' = 'down'
  #questions: Question[] = []
  #answered = 0
  #flushing = false
  #watching = false
  #retryMs = LEAST_RETRY_MS
  #closed = false

  constructor(transport: KeeperTransport, owner: KeeperClientOwner, processId: number) {
    this.#transport = transport
    this.#owner = owner
    this.#processId = processId
  }

  get up(): boolean {
    return this.#state === 'up'
  }

  connect(): void {
    if (this.#closed) return
    this.#reader = new FrameReader()
    this.#state = 'greeting'
    const link: KeeperLink = this.#transport.connect({
      onOpen: () => link === this.#link && this.#greet(),
      onData: (bytes) => link === this.#link && this.#receive(bytes),
      onClose: () => link === this.#link && this.#lost(),
    })
    this.#link = link
  }

  close(): void {
    this.#closed = true
    this.#link?.close()
    this.#lost()
  }

  /** Frames that nobody answers. Only while `up`. */
  send(write: (frames: FrameWriter) => void): void {
    write(this.#frames)
    if (this.#flushing) return
    this.#flushing = true
    this.#transport.soon(this.#flush)
  }

  /** A question and what is made of its answer, or of none. Only while `up`. */
  ask<T>(
    write: (frames: FrameWriter) => void,
    answer: number,
    answered: (frame: FrameReader | undefined) => T,
  ): Promise<T> {
    this.send(write)
    const { promise, resolve } = Promise.withResolvers<T>()
    this.#question(answer, (frame) => resolve(answered(frame)))
    if (this.#questions.length - this.#answered > MAX_WAITING) this.#drop()
    return promise
  }

  #question(answer: number, answered: Answered): void {
    this.#questions.push({ answered, answer, atMs: this.#transport.nowMs() })
    this.#watch()
  }

  readonly #flush = (): void => {
    this.#flushing = false
    if (this.#frames.length === 0 || !this.#link) return
    this.#link.write(this.#frames.take())
    if (this.#link.pendingBytes > MAX_PENDING_BYTES) this.#drop()
  }

  #greet(): void {
    this.#frames.begin(op.HELLO).u8(op.PROTOCOL_VERSION).u32(this.#processId).end()
    this.#question(op.WELCOME, this.#welcomed)
    this.#flush()
  }

  readonly #welcomed = (frame: FrameReader | undefined): void => {
    if (!frame) return
    if (frame.u8() !== op.PROTOCOL_VERSION) {
      this.#drop()
      return
    }
    this.#state = 'up'
    this.#retryMs = LEAST_RETRY_MS
    this.#owner.onUp(this.#frames)
    this.#flush()
  }

  #receive(bytes: Buffer): void {
    const reader = this.#reader
    reader.receive(bytes)
    try {
      for (let operation = reader.next(); operation !== undefined; operation = reader.next()) {
        this.#read(operation, reader)
        if (reader !== this.#reader || !this.#link) return
      }
    } catch {
      this.#drop()
    }
  }

  #read(operation: number, reader: FrameReader): void {
    const question = this.#questions[this.#answered]
    if (question?.answer !== operation) {
      this.#owner.onNotice(operation, reader)
      return
    }
    this.#answered += 1
    if (this.#answered === this.#questions.length || this.#answered === MOST_ANSWERED) {
      this.#questions.splice(0, this.#answered)
      this.#answered = 0
    }
    try {
      question.answered(reader)
    } catch (error) {
      question.answered(undefined)
      throw error
    }
  }

  /** One timer for all questions: it looks at the oldest. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#transport.after(ANSWER_TIMEOUT_MS, () => this.#transport.afterInput(() => this.#look()))
  }

  #look(): void {
    this.#watching = false
    const oldest = this.#questions[this.#answered]
    if (!oldest) return
    if (this.#transport.nowMs() - oldest.atMs >= ANSWER_TIMEOUT_MS) this.#drop()
    else this.#watch()
  }

  #drop(): void {
    this.#link?.close()
    this.#lost()
  }

  #lost(): void {
    const waiting = this.#questions.slice(this.#answered)
    this.#link = undefined
    this.#state = 'down'
    this.#questions = []
    this.#answered = 0
    this.#frames.take()
    if (!this.#closed) this.#owner.onDown()
    for (const { answered } of waiting) answered(undefined)
    if (this.#closed) return
    this.#transport.after(this.#retryMs, () => this.connect())
    this.#retryMs = Math.min(MOST_RETRY_MS, this.#retryMs * 2)
  }
}
