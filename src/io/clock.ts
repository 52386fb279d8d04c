/**
 * Coarse deadlines. One sweep every 100 ms looks at everything that has a deadline, so that arming one is a field
 * assignment and not a timer: a connection re-arms several times per request.
 *
 * Deadlines are on the monotonic clock: a wall clock that jumps ends no connection.
 */
export interface Deadlined {
  /** Monotonic milliseconds (`monotonicMs()`), `Infinity` for none. */
  deadlineMs: number
  /** Called once the deadline has passed; it is `Infinity` again by then. */
  onDeadline(): void
}

const SWEEP_INTERVAL_MS = 100

const watched = new Set<Deadlined>()
let timer: NodeJS.Timeout | undefined

export function monotonicMs(): number {
  return performance.now()
}

const sinceBoot = Number(process.hrtime.bigint() / 1_000n) / 1000 - performance.now()

/** Monotonic milliseconds since the machine started: the same in every process, unlike `monotonicMs`. */
export function machineMs(): number {
  return performance.now() + sinceBoot
}

function sweep(): void {
  const now = monotonicMs()
  for (const item of watched) {
    if (item.deadlineMs > now) continue
    item.deadlineMs = Infinity
    item.onDeadline()
  }
}

/** Begins to watch; the timer runs only while something is watched. */
export function watchDeadline(item: Deadlined): void {
  watched.add(item)
  timer ??= setInterval(sweep, SWEEP_INTERVAL_MS).unref()
}

export function unwatchDeadline(item: Deadlined): void {
  watched.delete(item)
  if (watched.size > 0 || timer === undefined) return
  clearInterval(timer)
  timer = undefined
}
