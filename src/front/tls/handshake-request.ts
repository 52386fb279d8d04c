/** A request before there is any: variables in the names of certificates are looked up on it (ngx_http_ssl_certificate). */
import { headlessRequest } from '../headless-request.ts'
import type { ClientConnection } from '../client-connection.ts'
import type { HttpServer } from '../http-server.ts'
import type { Request } from '../request.ts'
import type { NegotiatedServer } from './negotiated-server.ts'
import type { TlsHandshake } from './tls-handshake.ts'

/**
 * The connection of HTTP comes after the handshake. What stands in for it has what variables of a connection look at;
 * one that wants more throws, and the handshake fails with a line in the log.
 */
export function handshakeRequest(
  server: HttpServer,
  handshake: TlsHandshake,
  negotiated: NegotiatedServer,
): Request {
  const { point, serial, proxied, socket, remoteAddress, hello } = handshake
  const connection = {
    server,
    point,
    serial,
    proxied,
    remoteAddress,
    remotePort: socket.remotePort ?? 0,
    localAddress: socket.localAddress ?? point.key,
    localPort: socket.localPort ?? 0,
    baseServer: negotiated.server,
    tls: { hello, negotiated },
    requestCount: 0,
    ageMs: 0,
    decoder: { buffered: 0 },
  }
  const request = headlessRequest(connection as unknown as ClientConnection, '', 0)
  request.server = negotiated.server
  request.location = negotiated.server.outer
  request.host = negotiated.host ?? ''
  return request
}
