/** Why no connection came about, in the words of nginx's error log. */
import { strerror } from '../../util/strerror.ts'

export function connectFailure(error: NodeJS.ErrnoException | undefined): string {
  if (error?.code === 'ERR_TLS_PEER') return `${error.message} while SSL handshaking to upstream`
  if (error?.code?.startsWith('ERR_SSL') || error?.code?.startsWith('ERR_TLS') || error?.code === 'EPROTO')
    return `SSL_do_handshake() failed (SSL: ${error.message}) while SSL handshaking to upstream`
  return `connect() failed ${error ? `(${strerror(error)})` : ''} while connecting to upstream`
}
