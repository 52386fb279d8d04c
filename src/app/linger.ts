import type { Socket } from '../io/socket.ts'
import type { Site } from './site.ts'

/** How long a front may go on sending what nobody wants. */
export const LINGER_MS = 5000

/**
 * Ends our side and reads on: closing with unread bytes in the socket makes the kernel reset the connection, and the
 * reset overtakes the response (RFC 9112 section 9.6 about the same thing).
 */
export function closeLingering(socket: Socket): void {
  socket.removeAllListeners('data')
  socket.removeAllListeners('end')
  socket.on('end', () => socket.destroySoon())
  socket.end()
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}

/** What ended a connection, where that was no failure of the system's but an error of ours: it must not go unseen. */
export function sayBug(site: Site, error: NodeJS.ErrnoException | undefined): void {
  if (error !== undefined && error.syscall === undefined)
    site.log.log('crit', `connection handler failed: ${error.stack ?? error.message}`)
}
