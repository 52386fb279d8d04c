/** The server's end of a TLS connection, over an accepted socket of which the first bytes may have been put back. */
import { TLSSocket } from 'node:tls'
import type { Socket } from '../socket.ts'
import { offerSession, stapleResponse } from './native-handles.ts'
import type { ServerContext } from './server-context.ts'

export class ServerTlsSocket extends TLSSocket {
  readonly #raw: Socket

  /** `identities` of the ClientHello: what a cache of sessions is searched for. `protocols` in the format of ALPN. */
  constructor(raw: Socket, context: ServerContext, protocols: Buffer, identities: readonly Uint8Array[]) {
    const { secureContext, requestCertificate, sessions, stapled, recordBytes } = context
    super(raw, {
      isServer: true,
      secureContext,
      requestCert: requestCertificate,
      rejectUnauthorized: false,
      ALPNProtocols: protocols,
      ...(sessions && { server: sessions.server }),
    })
    this.#raw = raw
    if (stapled) stapleResponse(this, stapled)
    if (recordBytes !== undefined) this.setMaxSendFragment(recordBytes)
    for (const identity of sessions ? identities : []) {
      const session = sessions?.get(Buffer.from(identity).toString('latin1'))
      if (session) offerSession(this, session)
    }
  }

  /** The runtime's own refuses where the handle is no socket's. */
  override resetAndDestroy(): this {
    this.#raw.resetAndDestroy()
    return this.destroy()
  }
}
