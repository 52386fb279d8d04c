/** `-s`: a signal to the master that a pid file names. */
import { readPidFile } from '../io/pid-file.ts'
import { strerror } from '../util/strerror.ts'

/** nginx's names of `-s`. */
const SIGNALS: Readonly<Record<'stop' | 'quit' | 'reload' | 'reopen', NodeJS.Signals>> = {
  stop: 'SIGTERM',
  quit: 'SIGQUIT',
  reload: 'SIGHUP',
  reopen: 'SIGUSR1',
}

/** Nobody could be signalled; the message is nginx's line. */
export class SignalError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SignalError'
  }
}

/**
 * @throws SignalError
 */
export function sendSignal(pidFile: string, name: keyof typeof SIGNALS): void {
  const pid = readOrFail(pidFile)
  try {
    process.kill(pid, SIGNALS[name])
  } catch (error) {
    throw new SignalError(`kill(${pid}, ${SIGNALS[name].slice('SIG'.length)}) failed (${strerror(error)})`)
  }
}

function readOrFail(pidFile: string): number {
  let pid: number | undefined
  try {
    pid = readPidFile(pidFile)
  } catch (error) {
    throw new SignalError(`open() "${pidFile}" failed (${strerror(error)})`)
  }
  if (pid === undefined) throw new SignalError(`no process id in "${pidFile}"; is the server running?`)
  return pid
}
