import { after } from './timer.ts'

/** Resolves after so many milliseconds; keeps no process alive. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => after(milliseconds, resolve, 'idle'))
}
