/**
 * sd_notify(3): a service of Type=notify says by a datagram to a unix socket that it serves. The runtime sends none
 * of those; systemd's own program does, and names the master as the service's main process, also after a USR2.
 */
import { spawn } from 'node:child_process'

/** systemd sets it. It says nothing to those who only inherit it. */
export const NOTIFY_VARIABLE = 'NOTIFY_SOCKET'

/** `env` is what systemd gave; `onFailure` is told why it hears nothing. */
export function notifyReady(
  env: Readonly<Record<string, string | undefined>>,
  status: string,
  onFailure: (reason: string) => void,
): void {
  const child = spawn('systemd-notify', ['--ready', `--status=${status}`, `MAINPID=${process.pid}`], {
    stdio: 'ignore',
    env: { ...env },
  })
  child.once('error', (error) => onFailure(error.message))
  child.once('exit', (code) => {
    if (code !== 0) onFailure(`systemd-notify ended with ${code}`)
  })
  child.unref()
}
