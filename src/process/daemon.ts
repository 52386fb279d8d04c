/**
 * `daemon on`. The runtime cannot fork, so the program is started a second time as the leader of a session without a
 * terminal. The first one stays until the second serves: its exit code tells the truth, which nginx's cannot.
 */
import { spawn } from 'node:child_process'
import { openAppending } from '../io/files/text-file.ts'
import { READY, REPORT_FD } from '../io/start-report.ts'
import type { Invocation } from './successor.ts'

/** Set for the second process. Whoever reads it removes it. */
export const DAEMON_VARIABLE = 'PORTICO_DAEMON'

/**
 * Answers the exit code when the daemon serves or has failed. `errorLog`: the file that becomes its standard
 * error, for the runtime's own last words; `stderr` for ours. `onText` gets what the daemon says of its start.
 */
export function startDaemon(
  { executable, args, env }: Invocation,
  errorLog: string,
  onText: (text: string) => void,
): Promise<number> {
  const stderr = errorLog === 'stderr' ? 'inherit' : openAppending(errorLog)
  const { promise, resolve } = Promise.withResolvers<number>()
  const child = spawn(executable, [...args], {
    detached: true,
    env: { ...env, [DAEMON_VARIABLE]: '1' },
    stdio: ['ignore', 'ignore', stderr, 'pipe'],
  })
  child.once('error', (error) => {
    onText(`the daemon could not be started: ${error.message}\n`)
    resolve(1)
  })
  child.once('exit', (code) => resolve(code ?? 1))
  child.stdio[REPORT_FD]?.on('error', () => undefined)
  child.stdio[REPORT_FD]?.on('data', (bytes: Buffer) => {
    const text = bytes.toString('utf8')
    const end = text.indexOf(READY)
    const said = end < 0 ? text : text.slice(0, end)
    if (said !== '') onText(said)
    if (end < 0) return
    // it lives on without us
    child.stdio[REPORT_FD]?.destroy()
    child.unref()
    resolve(0)
  })
  return promise
}
