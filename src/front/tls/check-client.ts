/** What a request must bring on an address that speaks TLS (ngx_http_process_request, ngx_http_set_virtual_server). */
import { verifyReason } from '../../io/tls/verify-codes.ts'
import type { NameMatch } from '../server-names.ts'
import type { Request } from '../request.ts'

const HTTPS_CERT_ERROR = 495
const HTTPS_NO_CERT = 496
const TO_HTTPS = 497
const MISDIRECTED = 421

/** A chain that leads to nobody who is trusted is let through by `optional_no_ca`; what else is wrong is not. */
const OPTIONAL = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Status to refuse the request with, 0 for none. The server has been chosen. */
export function tlsRefusal(request: Request): number {
  const { connection, server } = request
  const { tls } = connection
  if (!tls) {
    if (!connection.point.ssl) return 0
    log(request, 'client sent plain HTTP request to HTTPS port while reading client request headers')
    return TO_HTTPS
  }
  const { verify, verifyDepth } = server.tls
  if (verify === 'off') return 0
  const failure = tls.verifyFailure(verifyDepth)
  if (failure && !(verify === 'optional_no_ca' && OPTIONAL.has(failure.code))) {
    log(
      request,
      `client SSL certificate verify error: (${verifyReason(failure)}) while reading client request headers`,
    )
    return HTTPS_CERT_ERROR
  }
  if (verify === 'on' && !tls.certificate) {
    log(request, 'client sent no required SSL certificate while reading client request headers')
    return HTTPS_NO_CERT
  }
  return 0
}

/**
 * The server for the host of a request on a connection that was negotiated for a name: of that name it is the same.
 * Another one that asks for certificates cannot take a connection that was never asked (CVE-2025-23419).
 */
export function misdirected({ connection, host }: Request, { server }: NameMatch): number {
  const negotiated = connection.tls?.negotiated
  if (negotiated?.host === undefined || negotiated.host === host) return 0
  return server.tls.verify === 'off' ? 0 : MISDIRECTED
}

function log(request: Request, message: string): void {
  request.location.settings.errorLog.request('info', request, message)
}
