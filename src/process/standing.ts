/** A worker gives up what its master may do and it need not. */
import { setPriority } from 'node:os'
import type { Standing } from './generation.ts'

/** The order matters: after setuid nothing of it is allowed any more. @throws the system's error */
export function takeStanding({ user, priority, workingDirectory }: Standing): void {
  if (priority !== undefined) setPriority(priority)
  if (user) {
    process.setgid?.(user.gid)
    process.setgroups?.([...user.groups])
    process.setuid?.(user.uid)
  }
  if (workingDirectory !== undefined) process.chdir(workingDirectory)
}
