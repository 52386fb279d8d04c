/** One certificate with all that holds where it is shown: an OpenSSL context, and what goes with each of its connections. */
import { createHash, constants } from 'node:crypto'
import {
  createSecureContext,
  getCACertificates,
  setDefaultCACertificates,
  type SecureContext,
  type SecureVersion,
} from 'node:tls'
import { contextHandle } from './native-handles.ts'
import type { SessionCache } from './session-cache.ts'
import { packedKey, useTicketKeys } from './ticket-keys.ts'

export interface CertificatePair {
  /** The certificate and those of its chain, PEM. */
  readonly certificate: string
  /** PEM, not encrypted. */
  readonly key: string
}

export interface ServerContextOptions {
  readonly certificates: readonly CertificatePair[]
  readonly protocols: ReadonlySet<SecureVersion>
  /** OpenSSL's list for TLS 1.2 and older. */
  readonly ciphers: string
  /** Names of TLS 1.3, with colons. */
  readonly cipherSuites: string
  readonly curves: string
  readonly signatures: string | undefined
  readonly preferServerCiphers: boolean
  readonly dhParameters: string | undefined
  /** Trusted and named to clients, PEM, one certificate each. */
  readonly clientAuthorities: readonly string[]
  /** Trusted only. */
  readonly trustedAuthorities: readonly string[]
  readonly revocations: readonly string[]
  readonly tickets: boolean
  /** As files hold them; the first seals. */
  readonly ticketKeys: readonly Buffer[]
  readonly sessionTimeoutSeconds: number
  /** Sessions are resumed only where this text is the same (ngx_ssl_session_id_context). */
  readonly sessionScope: string
  readonly sessions: SessionCache | undefined
  readonly requestCertificate: boolean
  /** OCSP response, DER. */
  readonly stapled: Buffer | undefined
  /** Plaintext bytes of a record; undefined for the most there can be. */
  readonly recordBytes: number | undefined
  readonly compressCertificates: boolean
}

export interface ServerContext extends Pick<
  ServerContextOptions,
  'sessions' | 'requestCertificate' | 'stapled' | 'recordBytes'
> {
  readonly secureContext: SecureContext
}

const ORDER: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const NO_VERSION: Readonly<Record<SecureVersion, number>> = {
  TLSv1: constants.SSL_OP_NO_TLSv1,
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
  'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
}
/** Missing from the runtime's list of names; OpenSSL's value since 1.1.1. */
const SSL_OP_NO_RENEGOTIATION = 1 << 30

/** @throws Error of OpenSSL */
export function createServerContext(options: ServerContextOptions): ServerContext {
  const secureContext = withTrust(options.trustedAuthorities, () => createContext(options))
  const handle = contextHandle(secureContext)
  if (options.trustedAuthorities.length > 0)
    for (const pem of options.clientAuthorities) handle.addCACert(pem)
  if (options.tickets && options.ticketKeys.length > 1) useTicketKeys(secureContext, options.ticketKeys)
  const { sessions, requestCertificate, stapled, recordBytes } = options
  return { secureContext, sessions, requestCertificate, stapled, recordBytes }
}

function createContext(options: ServerContextOptions): SecureContext {
  const { trustedAuthorities, clientAuthorities, revocations, dhParameters, ticketKeys, signatures } = options
  const versions = ORDER.filter((version) => options.protocols.has(version))
  const [oldest = 'TLSv1.2'] = versions
  const newest = versions.at(-1) ?? 'TLSv1.3'
  const [firstKey] = ticketKeys
  return createSecureContext({
    minVersion: oldest,
    maxVersion: newest,
    secureOptions: optionBits(options, versions),
    ciphers: `${options.cipherSuites}:${options.ciphers}`,
    ecdhCurve: options.curves,
    honorCipherOrder: options.preferServerCiphers,
    cert: options.certificates.map(({ certificate }) => certificate),
    key: options.certificates.map(({ key }) => key),
    sessionIdContext: createHash('sha256').update(options.sessionScope).digest('base64').slice(0, 32),
    sessionTimeout: options.sessionTimeoutSeconds,
    ...(signatures !== undefined && { sigalgs: signatures }),
    ...(options.compressCertificates && { certificateCompression: ['zlib', 'brotli', 'zstd'] }),
    ...(dhParameters !== undefined && { dhparam: dhParameters }),
    // Without `ca` the runtime trusts what is its default: see withTrust. An empty list trusts nobody.
    ...(trustedAuthorities.length === 0 && { ca: [...clientAuthorities] }),
    ...(revocations.length > 0 && { crl: [...revocations] }),
    ...(firstKey && ticketKeys.length === 1 && { ticketKeys: packedKey(firstKey) }),
  })
}

function optionBits(options: ServerContextOptions, versions: readonly SecureVersion[]): number {
  let bits = SSL_OP_NO_RENEGOTIATION
  if (!options.tickets) bits |= constants.SSL_OP_NO_TICKET
  for (const version of ORDER) if (!versions.includes(version)) bits |= NO_VERSION[version]
  return bits
}

/**
 * Whoever is in `ca` is named to clients. The default trust of a process is not: for the moment in which a context
 * takes it over, it is what the conf trusts.
 */
function withTrust<T>(authorities: readonly string[], make: () => T): T {
  if (authorities.length === 0) return make()
  const before = getCACertificates('default')
  setDefaultCACertificates([...authorities])
  try {
    return make()
  } finally {
    setDefaultCACertificates(before)
  }
}
