/**
 * Clients of one request and one connection each, over and over, in this process. Each kind says itself what a right
 * answer is; what is not one is kept with the time, so that it can be laid at the door of what happened then.
 */
import { connect, type Socket } from 'node:net'
import { AnswerReader, type Answer } from './answer-reader.ts'
import type { FailureKind, OrderFailure } from './order-load.ts'

export interface VisitFailure {
  readonly client: string
  readonly kind: FailureKind
  readonly detail: string
  /** As in `OrderFailure`. */
  readonly front: number
  readonly sentMs: number
  readonly failedMs: number
}

const LIMIT_MS = 60_000

export class VisitFault extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, detail: string) {
    super(detail)
    this.kind = kind
  }
}

/** One visit, from its connection to its end. */
export class Visit {
  readonly number: number
  readonly socket: Socket
  readonly #keptBytes: number
  #reader: AnswerReader | undefined

  constructor(port: number, number: number, keptBytes: number) {
    this.number = number
    this.#keptBytes = keptBytes
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => undefined)
    this.socket.setTimeout(LIMIT_MS, () => this.socket.destroy(new VisitFault('late', 'no answer in time')))
  }

  send(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** The answer to what is sent now. Its failure is heard whenever it comes. */
  answer(pauseMs = 0): Promise<Answer> {
    this.#reader ??= new AnswerReader(this.socket, { pauseMs, keptBytes: this.#keptBytes })
    const answer = this.#reader.next()
    answer.catch(() => undefined)
    return answer
  }
}

/** @throws VisitFault */
export function expectBody(
  { status, text, bytes }: Answer,
  expected: string,
  length = expected.length,
): void {
  if (status !== 200) throw new VisitFault('status', String(status))
  if (text !== expected || bytes !== length)
    throw new VisitFault('wrong', `${bytes} bytes "${text.slice(0, 60)}"`)
}

export interface VisitKind {
  readonly client: string
  readonly count: number
  /** Of a body's beginning, compared. */
  readonly keptBytes: number
  /** Between two visits of one client. */
  readonly pauseMs?: number
  visit(visit: Visit): Promise<void>
}

export class Visitors {
  readonly done = new Map<string, number>()
  readonly failures: VisitFailure[] = []
  readonly #port: number
  readonly #clients: Promise<void>[] = []
  #next = 0
  #stopped = false

  constructor(port: number, kinds: readonly VisitKind[]) {
    this.#port = port
    for (const kind of kinds)
      for (let left = kind.count; left > 0; left -= 1) this.#clients.push(this.#client(kind))
  }

  get total(): number {
    return [...this.done.values()].reduce((sum, part) => sum + part, 0) + this.failures.length
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#clients)
  }

  async #client(visitKind: VisitKind): Promise<void> {
    const { client, keptBytes, pauseMs = 0 } = visitKind
    while (!this.#stopped) {
      const sentMs = performance.now()
      this.#next += 1
      const one = new Visit(this.#port, this.#next, keptBytes)
      try {
        await visitKind.visit(one)
        this.done.set(client, (this.done.get(client) ?? 0) + 1)
      } catch (error) {
        const failedMs = performance.now()
        this.failures.push({ client, ...failureOf(error), front: 0, sentMs, failedMs })
      }
      one.socket.destroy()
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

function failureOf(error: unknown): { kind: FailureKind; detail: string } {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof VisitFault) return { kind: error.kind, detail }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return { kind: code === 'ECONNREFUSED' ? 'refused' : 'cut', detail }
}

export function ofOrder({ verb, kind, detail, front, sentMs, failedMs }: OrderFailure): VisitFailure {
  return { client: verb, kind, detail, front, sentMs, failedMs }
}

export function describeVisit({ client, kind, detail, front, sentMs, failedMs }: VisitFailure): string {
  const times = `sent at ${sentMs.toFixed(0)} ms, failed after ${(failedMs - sentMs).toFixed(0)} ms`
  return `${client}: ${kind} (${detail}), on a connection of front ${front}, ${times}`
}
