/** Starts another master on the sockets of this one. */
import { spawn } from 'node:child_process'
import { HANDOVER_VARIABLE } from './handover.ts'
import type { Invocation } from './successor.ts'

/**
 * The child outlives us: it shares nothing with us but the descriptors, the standard error and the terminal.
 * Answers its process id, undefined where there is none. `onExit` is not called before this returns.
 */
export function execute(
  { executable, args, env }: Invocation,
  handover: string,
  fds: readonly number[],
  onExit: (reason: string) => void,
): number | undefined {
  const child = spawn(executable, [...args], {
    env: { ...env, [HANDOVER_VARIABLE]: handover },
    stdio: ['ignore', 'inherit', 'inherit', ...fds],
  })
  child.once('error', (error) => {
    if (child.pid === undefined) onExit(`could not be started: ${error.message}`)
  })
  child.once('exit', (code, signal) => {
    onExit(signal === null ? `exited with code ${code ?? 0}` : `exited on signal ${signal}`)
  })
  child.unref()
  return child.pid
}
