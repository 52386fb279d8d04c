import type { Socket } from '../io/socket.ts'

/** How long a front may go on sending what nobody wants. */
const LINGER_MS = 5000

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
