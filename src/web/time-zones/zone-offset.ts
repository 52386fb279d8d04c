/** How far a zone's clocks are from UTC. Asking Intl costs microseconds; a query asks for every row. */
import { LruCache } from '../../util/lru-cache.ts'
import { DAY_MS, dayNumber } from '../../util/calendar.ts'

/** No zone has changed its clocks twice within two days; four less an hour is the least there was (Freetown, 1939). */
const BLOCK_MS = 2 * DAY_MS

/** Some 20 years of blocks; about 300 KB when full. */
const BLOCK_LIMIT = 4096

/** The offsets of one zone, remembered for the beginnings of blocks, and the moments between which they differ. */
class ZoneOffsets {
  readonly #formatter: Intl.DateTimeFormat
  readonly #atBlocks = new Map<number, number>()
  readonly #changes = new Map<number, number>()

  constructor(timeZone: string) {
    this.#formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  at(ms: number): number {
    const block = Math.floor(ms / BLOCK_MS)
    const before = this.#atBlock(block)
    const after = this.#atBlock(block + 1)
    return before === after || ms < this.#change(block, before) ? before : after
  }

  #atBlock(block: number): number {
    const known = this.#atBlocks.get(block)
    if (known !== undefined) return known
    const offset = this.#ask(block * BLOCK_MS)
    if (this.#atBlocks.size >= BLOCK_LIMIT) {
      this.#atBlocks.clear()
      this.#changes.clear()
    }
    this.#atBlocks.set(block, offset)
    return offset
  }

  /** The first second of the block with another offset than its beginning. */
  #change(block: number, before: number): number {
    const known = this.#changes.get(block)
    if (known !== undefined) return known
    let [low, high] = [(block * BLOCK_MS) / 1000, ((block + 1) * BLOCK_MS) / 1000]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#ask(middle * 1000) === before) low = middle
      else high = middle
    }
    this.#changes.set(block, high * 1000)
    return high * 1000
  }

  /** Seconds, of what the zone's wall clock shows as if it were UTC. */
  #ask(ms: number): number {
    const date = new Date(ms)
    // Date ends at 275760-09-13, and a block may reach over it.
    if (Number.isNaN(date.getTime())) return this.#ask(Math.sign(ms) * MAX_TIME)
    const parts = new Map(this.#formatter.formatToParts(date).map(({ type, value }) => [type, value]))
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
    const days = dayNumber(year, part('month'), part('day'))
    const seconds = part('hour') * 3600 + part('minute') * 60 + part('second')
    return (days * DAY_MS) / 1000 + seconds - Math.floor(ms / 1000)
  }
}

const MAX_TIME = 8.64e15

/** By name as it was given, which may be in any case: hence the limit. */
const zones = new LruCache<string, ZoneOffsets>(700)

/**
 * Seconds east of UTC.
 *
 * @throws RangeError for a name that is no time zone
 */
export function offsetAt(ms: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  if (last?.timeZone !== timeZone) last = { timeZone, offsets: offsetsOf(timeZone) }
  return last.offsets.at(ms)
}

/** The rows of a query are all in one zone. */
let last: { readonly timeZone: string; readonly offsets: ZoneOffsets } | null = null

function offsetsOf(timeZone: string): ZoneOffsets {
  let offsets = zones.get(timeZone)
  if (offsets === undefined) zones.set(timeZone, (offsets = new ZoneOffsets(timeZone)))
  return offsets
}
