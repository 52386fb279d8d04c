/** From a request's trace to the rows of the page that shows it. */
import type { Trace, TraceEntry } from 'portico/web'

/** One row. Times are in milliseconds; a place in the picture is in thousandths of its width. */
export interface Stage {
  readonly title: string
  readonly hint: string
  /** Its colour: the name of a css class without its prefix. */
  readonly family: string
  readonly indent: number
  readonly startMs: number
  readonly durationMs: number
  readonly x: number
  readonly width: number
}

/** The whole way, from the first byte at the front to now. */
export interface Way {
  readonly stages: readonly Stage[]
  readonly totalMs: number
  readonly applicationMs: number
  readonly queries: number
  readonly queriesMs: number
  /** Stages that the trace had no room for. */
  readonly dropped: number
}

type Kind = TraceEntry['kind'] | 'gateway'

interface Row {
  readonly kind: Kind
  readonly name: string
  readonly depth: number
  readonly startMs: number
  readonly durationMs: number
}

const deepest = 3

export function wayOf(trace: Trace): Way {
  const now = trace.elapsedMs
  const rows = [...withCrossing(trace.entries.map((entry) => rowOf(entry, now)))]
  const first = Math.min(0, ...rows.map((row) => row.startMs))
  const totalMs = now - first
  const queries = rows.filter((row) => row.kind === 'query')
  return {
    stages: rows.map((row) => stageOf(row, first, totalMs)),
    totalMs,
    applicationMs: now,
    queries: queries.length,
    queriesMs: queries.reduce((sum, row) => sum + row.durationMs, 0),
    dropped: trace.dropped,
  }
}

function rowOf({ kind, name, depth, startMs, durationMs }: TraceEntry, now: number): Row {
  // What still runs has run until now.
  return { kind, name, depth, startMs, durationMs: durationMs ?? now - startMs }
}

/**
 * Nobody measures the way between the tiers: it is what lies between the front's last word and the first of ours. The
 * clocks of two processes may differ by more than that; but nothing arrives before it was sent.
 */
function* withCrossing(rows: readonly Row[]): Generator<Row> {
  const front = rows.filter((row) => row.kind === 'front')
  if (front.length > 0) {
    const left = Math.max(...front.map((row) => row.startMs + row.durationMs))
    const ahead = Math.max(0, left)
    for (const row of front) yield { ...row, startMs: row.startMs - ahead }
    yield { kind: 'gateway', name: '', depth: 0, startMs: left - ahead, durationMs: ahead - left }
  }
  yield* rows.filter((row) => row.kind !== 'front')
}

function stageOf(row: Row, first: number, totalMs: number): Stage {
  const { title, hint, family } = wordsFor(row)
  const x = Math.min(997, Math.max(0, ((row.startMs - first) / totalMs) * 1000))
  const width = Math.min(1000 - x, Math.max(3, (row.durationMs / totalMs) * 1000))
  return {
    title,
    hint,
    family,
    indent: Math.min(row.depth, deepest),
    startMs: row.startMs - first,
    durationMs: row.durationMs,
    x: Math.round(x * 10) / 10,
    width: Math.round(width * 10) / 10,
  }
}

type Words = Pick<Stage, 'title' | 'hint' | 'family'>

function wordsFor({ kind, name }: Row): Words {
  switch (kind) {
    case 'front':
      return {
        title: 'Front',
        hint: 'reads the request, finds the location, chooses a worker',
        family: 'front',
      }
    case 'gateway':
      return {
        title: 'Gateway',
        hint: 'records on a socket, then an environ made of them',
        family: 'gateway',
      }
    case 'middleware':
      return { title: name, hint: 'a layer around all that follows', family: 'middleware' }
    case 'processRequest':
      return {
        title: `${name}, in`,
        hint: 'processRequest: before the URL is looked up',
        family: 'middleware',
      }
    case 'processView':
      return {
        title: `${name}, view`,
        hint: 'processView: the view is known, and not yet called',
        family: 'middleware',
      }
    case 'processTemplateResponse':
      return {
        title: `${name}, template`,
        hint: 'processTemplateResponse: before late rendering',
        family: 'middleware',
      }
    case 'processException':
      return {
        title: `${name}, exception`,
        hint: 'processException: something was thrown',
        family: 'middleware',
      }
    case 'processResponse':
      return {
        title: `${name}, out`,
        hint: 'processResponse: the answer passes on its way out',
        family: 'middleware',
      }
    case 'resolve':
      return { title: name, hint: 'which pattern the path matches', family: 'resolve' }
    case 'view':
      return { title: `View ${name}`, hint: 'decides what the answer is', family: 'view' }
    case 'query':
      return { title: 'Query', hint: name, family: 'query' }
    case 'template':
      return { title: `Template ${name}`, hint: 'makes the page', family: 'template' }
    case 'mark':
      return { title: name, hint: '', family: 'mark' }
  }
}
