/** Timers of any length: one of the runtime's for more than 24.8 days (31 bits of milliseconds) is over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

export type CancelTimer = () => void

/** Calls `run` after so many milliseconds, never after `Infinity`. With `idle` it keeps no process alive. */
export function after(delayMs: number, run: () => void, how: 'busy' | 'idle' = 'busy'): CancelTimer {
  if (delayMs === Infinity) return never
  let timer: NodeJS.Timeout
  const wait = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, LONGEST_TIMER_MS)
    timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : run()), stepMs)
    if (how === 'idle') timer.unref()
  }
  wait(delayMs)
  return () => clearTimeout(timer)
}

function never(): void {
  // nothing was begun
}
