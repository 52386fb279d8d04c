/** Our end of a TLS connection to an upstream. */
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { verifyFailure } from './native-handles.ts'
import { leastIntermediates } from './peer-chain.ts'
import type { ClientContext } from './client-context.ts'
import { verifyReason } from './verify-codes.ts'

/** What a connection is made with. */
export interface ClientTls {
  readonly context: ClientContext
  /** Connections of one key are as good as each other. */
  readonly key: string
  /** Said in the ClientHello; undefined for none. */
  readonly serverName: string | undefined
  /** The name that the certificate must be for, and most certificates below the authority; undefined asks for neither. */
  readonly verify: { readonly name: string; readonly depth: number } | undefined
}

/** The handshake is done and the peer is who it should be. */
export const SECURED = 'secured'

/** The message says all, in nginx's words. */
class TlsPeerError extends Error {
  readonly code = 'ERR_TLS_PEER'
}

/** A socket that is connecting. It emits SECURED, or closes with an error. */
export function dialTls(target: ConnectionOptions, { context, serverName, verify }: ClientTls): TLSSocket {
  const { secureContext, sessions } = context
  const address = target.path ?? `${target.host ?? ''}:${target.port ?? 0}`
  // A session of a peer that was found to be one must not stand for another name.
  const key = `${address} ${serverName ?? ''} ${verify?.name ?? ''}`
  const session = sessions?.get(key)
  const socket = connect({
    ...target,
    secureContext,
    servername: serverName ?? '',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(session && { session }),
  })
  let trusted = verify === undefined
  socket.on('session', (fresh: Buffer) => {
    if (trusted) sessions?.set(key, fresh)
  })
  socket.once('secureConnect', () => {
    const fault = verify && peerFault(socket, verify)
    if (fault === undefined) {
      trusted = true
      socket.emit(SECURED)
      return
    }
    sessions?.delete(key)
    socket.destroy(new TlsPeerError(fault))
  })
  return socket
}

function peerFault(socket: TLSSocket, { name, depth }: NonNullable<ClientTls['verify']>): string | undefined {
  const failure = verifyFailure(socket) ?? depthFailure(socket, depth)
  if (failure) return `upstream SSL certificate verify error: (${verifyReason(failure)})`
  // Its certificate is not always kept with it; it was this name's when the session was new.
  if (socket.isSessionReused()) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return 'upstream sent no SSL certificate'
  return certificate.checkHost(name) === undefined
    ? `upstream SSL certificate does not match "${name}"`
    : undefined
}

/** A resumed session was verified when it was new, and is kept for this very setting. */
function depthFailure(socket: TLSSocket, depth: number): { code: string; message: string } | undefined {
  const tooLong = !socket.isSessionReused() && leastIntermediates(socket) > depth
  return tooLong ? { code: 'CERT_CHAIN_TOO_LONG', message: 'certificate chain too long' } : undefined
}
