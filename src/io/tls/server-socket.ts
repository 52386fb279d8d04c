/** The server's end of a TLS connection, over an accepted socket of which the first bytes may have been put back. */
import { TLSSocket } from 'node:tls'
import type { Socket } from '../socket.ts'
import { offerSession, stapleResponse } from './native-handles.ts'
import type { ServerContext } from './server-context.ts'

export class ServerTlsSocket extends TLSSocket {
  readonly #raw: Socket

  /** `offered`: sessions that the ClientHello names. `protocols` in the format of ALPN. */
  constructor(raw: Socket, context: ServerContext, protocols: Buffer, offered: readonly Buffer[]) {
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
    for (const session of offered) offerSession(this, session)
  }

  /** The runtime's own refuses where the handle is no socket's. */
  override resetAndDestroy(): this {
    this.#raw.resetAndDestroy()
    return this.destroy()
  }
}
