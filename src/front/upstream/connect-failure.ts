/** Why no connection came about or did not last, in the words of nginx's error log. */
import { strerror } from '../../util/strerror.ts'

export function connectFailure(error: NodeJS.ErrnoException | undefined): string {
  if (error?.code === 'ERR_TLS_PEER') return `${error.message} while SSL handshaking to upstream`
  if (error?.code?.startsWith('ERR_SSL') || error?.code?.startsWith('ERR_TLS') || error?.code === 'EPROTO')
    return `SSL_do_handshake() failed (SSL: ${error.message}) while SSL handshaking to upstream`
  return `connect() failed ${error ? `(${strerror(error)})` : ''} while connecting to upstream`
}

/** `reading` is what was read when it failed; a write that failed says so itself. */
export function connectionFailure(error: NodeJS.ErrnoException, reading: string): string {
  if (error.syscall === 'write') return `send() failed (${strerror(error)}) while sending request to upstream`
  return `recv() failed (${strerror(error)}) while reading ${reading}`
}
