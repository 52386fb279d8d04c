/** A client's TLS connection as requests on it see it. Everything is looked up when it is asked for. */
import type { X509Certificate } from 'node:crypto'
import { verifyFailure } from '../../io/tls/native-handles.ts'
import { leastIntermediates } from '../../io/tls/peer-chain.ts'
import type { ServerTlsSocket } from '../../io/tls/server-socket.ts'
import { certificateFields, type CertificateFields } from '../../protocol/tls/certificate-fields.ts'
import type { ClientHello } from '../../protocol/tls/client-hello.ts'
import { sessionFields, type SessionFields } from '../../protocol/tls/session-fields.ts'
import type { NegotiatedServer } from './negotiated-server.ts'

/** Why a certificate was not accepted. `code` is OpenSSL's name, `message` its words. */
export interface VerifyFailure {
  readonly code: string
  readonly message: string
}

const CHAIN_TOO_LONG: VerifyFailure = {
  code: 'CERT_CHAIN_TOO_LONG',
  message: 'certificate chain too long',
}

export class TlsSession {
  readonly hello: ClientHello | undefined
  /** The server of the name that the handshake was for, and what was shown. */
  readonly negotiated: NegotiatedServer
  readonly #socket: ServerTlsSocket
  #verified = false
  #failure: VerifyFailure | undefined
  #certificate: X509Certificate | undefined
  #fields: CertificateFields | undefined

  constructor(socket: ServerTlsSocket, hello: ClientHello | undefined, negotiated: NegotiatedServer) {
    this.#socket = socket
    this.hello = hello
    this.negotiated = negotiated
  }

  get protocol(): string | undefined {
    return this.#socket.getProtocol() ?? undefined
  }

  get cipher(): string | undefined {
    return this.#socket.getCipher()?.name
  }

  get alpnProtocol(): string | undefined {
    return this.#socket.alpnProtocol || undefined
  }

  get reused(): boolean {
    return this.#socket.isSessionReused()
  }

  get session(): SessionFields | undefined {
    const session = this.#socket.getSession()
    return session && sessionFields(session)
  }

  get certificate(): X509Certificate | undefined {
    return (this.#certificate ??= this.#socket.getPeerX509Certificate())
  }

  get certificateFields(): CertificateFields | undefined {
    const { certificate } = this
    return certificate && (this.#fields ??= certificateFields(certificate.raw))
  }

  /** Of a client that has a certificate: what is wrong with it, by `depth` too (`ssl_verify_depth`). */
  verifyFailure(depth: number): VerifyFailure | undefined {
    if (!this.#verified) {
      this.#verified = true
      if (this.certificate) this.#failure = verifyFailure(this.#socket) ?? this.#tooLong(depth)
    }
    return this.#failure
  }

  #tooLong(depth: number): VerifyFailure | undefined {
    return leastIntermediates(this.#socket) > depth ? CHAIN_TOO_LONG : undefined
  }
}
