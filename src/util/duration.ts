/**
 * Durations as nginx writes them (ngx_parse_time): `1h 30m`, `1h30m`, `500ms`, a bare number for seconds. Units come
 * from large to small, each once. Years and months count only in whole seconds, `ms` only in milliseconds.
 */

interface Unit {
  /** Larger units have smaller ranks. */
  readonly rank: number
  readonly ms: number
}

const SECOND: Unit = { rank: 7, ms: 1000 }

const UNITS: Readonly<Record<string, Unit>> = {
  y: { rank: 1, ms: 365 * 86_400_000 },
  M: { rank: 2, ms: 30 * 86_400_000 },
  w: { rank: 3, ms: 7 * 86_400_000 },
  d: { rank: 4, ms: 86_400_000 },
  h: { rank: 5, ms: 3_600_000 },
  m: { rank: 6, ms: 60_000 },
  s: SECOND,
  // a number that a space ends: seconds
  ' ': SECOND,
  ms: { rank: 8, ms: 1 },
}

/** After the number that a space ended only one more bare number may stand. */
const LAST_RANK = 9

/** Undefined when it is no duration or too large to be exact. A timer of Node's holds no more than 2^31 - 1. */
export function parseMilliseconds(text: string): number | undefined {
  return parse(text, 2, 1)
}

/** Whole seconds; undefined when it is no duration or has `ms`. */
export function parseSeconds(text: string): number | undefined {
  return parse(text, 0, 1000)
}

/** `rank` is that of the unit just too large to be used, `msPerUnit` the unit of the result. */
function parse(text: string, rank: number, msPerUnit: number): number | undefined {
  const part = /([0-9]*)(ms|[yMwdhms ]|$) */y
  let total = 0
  let digits = false
  while (part.lastIndex < text.length) {
    const [, number = '', name] = part.exec(text) ?? []
    if (name === undefined) return undefined
    // a number at the end may follow any unit: nginx reads `30s 5` as 35 seconds
    const unit = name === '' ? SECOND : UNITS[name]
    if (!unit || (name !== '' && unit.rank <= rank) || unit.ms < msPerUnit) return undefined
    rank = name === ' ' ? LAST_RANK : unit.rank
    digits ||= number !== ''
    total += Number(number) * (unit.ms / msPerUnit)
    if (total > Number.MAX_SAFE_INTEGER) return undefined
  }
  return digits ? total : undefined
}
