/** What a worker's loop and its password thread say to each other. */
import type { PasswordVerdict } from './verify-password.ts'

export interface PasswordJob {
  readonly password: Uint8Array
  readonly stored: string
}

/** One for each job, in order: one job is under way at a time. */
export interface PasswordReply {
  readonly verdict: PasswordVerdict
}
