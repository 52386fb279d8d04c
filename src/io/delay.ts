import { setTimeout as after } from 'node:timers/promises'

/** Resolves after so many milliseconds; keeps no process alive. */
export function delay(milliseconds: number): Promise<void> {
  return after(milliseconds, undefined, { ref: false })
}
