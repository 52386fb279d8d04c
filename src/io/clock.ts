/**
 * Coarse deadlines. One sweep every 100 ms looks at everything that has a deadline, so that arming one is a field
 * assignment and not a timer: a connection re-arms several times per request.
 *
 * Deadlines are on the monotonic clock: a wall clock that jumps ends no connection.
 */
export interface Deadlined {
  /** Monotonic milliseconds (`monotonicMs()`), `Infinity` for none. */
  deadlineMs: number
  /** Its place in the list of those that are watched, which this file keeps; begins as -1, not watched. */
  deadlineSlot: number
  /** Called once the deadline has passed; it is `Infinity` again by then. */
  onDeadline(): void
}

const SWEEP_INTERVAL_MS = 100

/**
 * In no order, the first `count`. Not a Set: one that requests enter and leave makes a new table of itself every few dozen of them, and a
 * table of the old generation keeps alive what it held: half of the young generation was promoted for it.
 */
const watched: (Deadlined | undefined)[] = []
let count = 0
let timer: NodeJS.Timeout | undefined

export function monotonicMs(): number {
  return performance.now()
}

const sinceBoot = Number(process.hrtime.bigint() / 1_000n) / 1000 - performance.now()

/** Monotonic milliseconds since the machine started: the same in every process, unlike `monotonicMs`. */
export function machineMs(): number {
  return performance.now() + sinceBoot
}

/** From the end: who leaves meanwhile gives its place to one that was seen already. */
function sweep(): void {
  const now = monotonicMs()
  for (let slot = count - 1; slot >= 0; slot -= 1) {
    const item = watched[slot]
    if (item === undefined || item.deadlineMs > now) continue
    item.deadlineMs = Infinity
    item.onDeadline()
  }
}

/** Begins to watch; the timer runs only while something is watched. */
export function watchDeadline(item: Deadlined): void {
  if (item.deadlineSlot >= 0) return
  item.deadlineSlot = count
  watched[count] = item
  count += 1
  timer ??= setInterval(sweep, SWEEP_INTERVAL_MS).unref()
}

export function unwatchDeadline(item: Deadlined): void {
  const slot = item.deadlineSlot
  if (slot < 0) return
  item.deadlineSlot = -1
  count -= 1
  const last = watched[count]
  watched[count] = undefined // the list does not shrink: a longer one would be made anew
  if (last !== undefined && last !== item) {
    watched[slot] = last
    last.deadlineSlot = slot
  }
  if (count > 0 || timer === undefined) return
  clearInterval(timer)
  timer = undefined
}
