/**
 * Coarse deadlines. One sweep every 100 ms looks at everything that has a deadline, so that arming one is a field
 * assignment and not a timer: a connection re-arms several times per request.
 *
 * Deadlines are on the monotonic clock: a wall clock that jumps ends no connection. None is enforced before what has come
 * meanwhile was read: a process that was stopped, or had no processor, owes its peers that much.
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
/** A sweep that comes so late tells that the loop stood still, and heard nobody. */
const LATE_MS = 3 * SWEEP_INTERVAL_MS

/**
 * In no order, the first `count`. Not a Set: one that requests enter and leave makes a new table of itself every few dozen of them, and a
 * table of the old generation keeps alive what it held: half of the young generation was promoted for it.
 */
const watched: (Deadlined | undefined)[] = []
let count = 0
let timer: NodeJS.Timeout | undefined
let lastTickMs = 0
let spared = false

export function monotonicMs(): number {
  return performance.now()
}

const sinceBoot = Number(process.hrtime.bigint() / 1_000n) / 1000 - performance.now()

/** Monotonic milliseconds since the machine started: the same in every process, unlike `monotonicMs`. */
export function machineMs(): number {
  return performance.now() + sinceBoot
}

/**
 * Timers come before reads in a turn of the loop: the sweep follows both. After a standstill who waits gets one interval
 * more, in which peers that stood still with us (a stopped machine, too few processors) are heard; not twice in a row,
 * or a loop whose every turn is slow would never end a wait.
 */
function tick(): void {
  const now = monotonicMs()
  const late = now - lastTickMs > LATE_MS
  lastTickMs = now
  spared = late && !spared
  if (!spared) setImmediate(sweep, now)
}

/** Who was due by `now`. From the end: who leaves meanwhile gives its place to one that was seen already. */
function sweep(now: number): void {
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
  if (timer !== undefined) return
  lastTickMs = monotonicMs()
  timer = setInterval(tick, SWEEP_INTERVAL_MS).unref()
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
