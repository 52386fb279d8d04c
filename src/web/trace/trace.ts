/** The way of one request through the pipeline: what ran, when it began and how long it took. */

export type TraceKind =
  | 'front'
  | 'processRequest'
  | 'processView'
  | 'processException'
  | 'processTemplateResponse'
  | 'processResponse'
  | 'middleware'
  | 'resolve'
  | 'view'
  | 'template'
  | 'query'
  | 'mark'

/** One stage. Times are in milliseconds since the trace began; the front's stages lie before it and are negative. */
export interface TraceEntry {
  readonly kind: TraceKind
  readonly name: string
  readonly startMs: number
  /** Null while it still runs, as the stage that renders the list does. */
  durationMs: number | null
  /** How many stages were open when it began. */
  readonly depth: number
  readonly detail?: string
}

/** Enough for a page that asks too many questions of its database, and no more. */
const maxEntries = 1000

/** Milliseconds that go forward only. */
export type TraceClock = () => number

/**
 * The way of one request through the pipeline: each stage with its beginning and its duration in
 * milliseconds.
 */
export class Trace {
  readonly entries: TraceEntry[] = []
  readonly #clock: TraceClock
  readonly #startMs: number
  #depth = 0
  /** Stages not kept because there were too many. */
  dropped = 0

  constructor(clock: TraceClock = () => performance.now()) {
    this.#clock = clock
    this.#startMs = clock()
  }

  /** Milliseconds since the trace began. */
  get elapsedMs(): number {
    return this.#clock() - this.#startMs
  }

  /** Begins a stage; give what it returns to `end`. */
  begin(kind: TraceKind, name: string, detail?: string): TraceEntry {
    const stage = { kind, name, startMs: this.elapsedMs, durationMs: null, depth: this.#depth }
    const entry: TraceEntry = detail === undefined ? stage : { ...stage, detail }
    this.#depth += 1
    this.#keep(entry)
    return entry
  }

  end(entry: TraceEntry): void {
    if (entry.durationMs !== null) return
    entry.durationMs = this.elapsedMs - entry.startMs
    this.#depth = Math.max(0, this.#depth - 1)
  }

  /** Adds a stage that is over, with its times. */
  add(kind: TraceKind, name: string, startMs: number, durationMs: number, detail?: string): void {
    const stage = { kind, name, startMs, durationMs, depth: this.#depth }
    this.#keep(detail === undefined ? stage : { ...stage, detail })
  }

  #keep(entry: TraceEntry): void {
    if (this.entries.length >= maxEntries) this.dropped += 1
    else this.entries.push(entry)
  }

  /**
   * What the front says of its own stages: `name=startEpochUs:durationUs,...`. Parts that are not of that form are
   * left out; no more than 64 are taken.
   *
   * @param nowEpochMs this machine's time now, which the front's clock is compared with
   */
  addFront(text: string, nowEpochMs: number): void {
    const offsetMs = nowEpochMs - this.elapsedMs
    for (const part of text.slice(0, 4096).split(',', 64)) {
      const match = /^([\w.-]{1,64})=([0-9]{1,17}):([0-9]{1,12})$/.exec(part.trim())
      if (match === null) continue
      this.add('front', match[1] ?? '', Number(match[2]) / 1000 - offsetMs, Number(match[3]) / 1000)
    }
  }

  /** The stages as a Server-Timing field (W3C Server Timing section 3); no more than 64. */
  serverTiming(): string {
    return this.entries
      .filter((entry) => entry.durationMs !== null)
      .slice(0, 64)
      .map(
        (entry) =>
          `${entry.kind};desc="${description(entry.name)}";dur=${(entry.durationMs ?? 0).toFixed(3)}`,
      )
      .join(', ')
  }
}

function description(name: string): string {
  return name.replace(/[^\x20-\x7e]|["\\]/g, '_').slice(0, 80)
}
