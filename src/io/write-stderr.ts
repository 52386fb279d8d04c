import { writeSync } from 'node:fs'

const STDERR = 2

/** Without the event loop: for last words of a thread, or of a process that ends. */
export function writeStderr(text: string): void {
  try {
    writeSync(STDERR, text)
  } catch {
    // Nobody reads it any more.
  }
}
