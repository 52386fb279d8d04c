/** What a daemon tells the process that started it: what goes wrong meanwhile, and that it serves. */
import { closeSync, writeSync } from 'node:fs'

/** A pipe to the starter. */
export const REPORT_FD = 3
/** The text that says that it serves. */
export const READY = '\0'

export class StartReport {
  #open = true

  say(text: string): void {
    if (!this.#open) return
    try {
      writeSync(REPORT_FD, text)
    } catch {
      this.#open = false // the starter was killed
    }
  }

  /** The starter may go. */
  ready(): void {
    if (!this.#open) return
    this.say(READY)
    closeSync(REPORT_FD)
    this.#open = false
  }
}
