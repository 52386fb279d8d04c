/** In a thread of its own: computes what its worker's loop has no time for. */
import { parentPort } from 'node:worker_threads'
import type { PasswordJob, PasswordReply } from './password-job.ts'
import { verifyPassword } from './verify-password.ts'

export function servePasswords(): void {
  parentPort?.on('message', ({ password, stored }: PasswordJob) => {
    const reply: PasswordReply = { verdict: verifyPassword(Buffer.from(password), stored) }
    parentPort?.postMessage(reply)
  })
}
