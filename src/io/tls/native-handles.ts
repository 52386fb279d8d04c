/**
 * The parts of the runtime's TLS objects that have no public name and that a web server needs: nginx's variables show
 * why a client certificate failed, resume sessions of TLS 1.3 from a cache and name certificate authorities to clients.
 * Everything that reaches behind the documented interface does it through this file.
 */
import type { SecureContext, TLSSocket } from 'node:tls'

/** The wrapped OpenSSL connection (`tls_wrap.cc`). */
interface ConnectionHandle {
  /** Null when the chain of the peer was good, or was checked when the session was new. */
  verifyError?(): { readonly code?: string; readonly message: string } | null | undefined
  /** A session that OpenSSL will find when it looks for one in its cache. */
  loadSession?(session: Buffer): void
  setOCSPResponse?(response: Buffer): void
}

interface OpenSocket {
  readonly _handle?: ConnectionHandle | null
  _releaseControl?(): boolean
}

/** The OpenSSL context (`crypto_context.cc`). */
interface ContextHandle {
  /** Trusts a certificate and names its subject in the request for a client certificate. */
  addCACert(pem: string): void
  enableTicketKeyCallback?(): void
  onticketkeycallback?: TicketKeyCallback
}

/**
 * Asked for each ticket that is made (`sealing`) or read. Answers: 1 known, 2 known but to be renewed, 0 unknown; then
 * the keys, and for a new ticket its key's name and the vector.
 */
export type TicketKeyCallback = (
  name: Buffer,
  iv: Buffer,
  sealing: boolean,
) => readonly [status: number, hmac?: Buffer, aes?: Buffer, name?: Buffer, iv?: Buffer]

export function contextHandle(context: SecureContext): ContextHandle {
  return context.context as ContextHandle
}

function openSocket(socket: TLSSocket): OpenSocket {
  return socket as unknown as OpenSocket
}

/** What the runtime adds to OpenSSL's words. */
const ADVICE = /; if the root CA is installed locally.*$/

/** OpenSSL's words of why the peer's certificate is not good; undefined where it is, or where there is none. */
export function verifyFailure(socket: TLSSocket): { code: string; message: string } | undefined {
  const failure = openSocket(socket)._handle?.verifyError?.()
  return failure ? { code: failure.code ?? '', message: failure.message.replace(ADVICE, '') } : undefined
}

export function offerSession(socket: TLSSocket, session: Buffer): void {
  openSocket(socket)._handle?.loadSession?.(session)
}

export function stapleResponse(socket: TLSSocket, response: Buffer): void {
  openSocket(socket)._handle?.setOCSPResponse?.(response)
}

/** After the handshake: errors come as `error` from here on, as those of any socket. */
export function releaseErrors(socket: TLSSocket): void {
  openSocket(socket)._releaseControl?.()
}
