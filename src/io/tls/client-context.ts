/** TLS towards upstreams: what is shown and trusted there, and the sessions that are kept. */
import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'
import { LruCache } from '../../util/lru-cache.ts'
import type { CertificatePair } from './server-context.ts'

export interface ClientContextOptions {
  readonly certificates: readonly CertificatePair[]
  readonly protocols: ReadonlySet<SecureVersion>
  /** OpenSSL's list for TLS 1.2 and older. */
  readonly ciphers: string
  readonly cipherSuites: string
  readonly curves: string
  readonly signatures: string | undefined
  /** PEM, one certificate each; nobody else is trusted. */
  readonly authorities: readonly string[]
  readonly revocations: readonly string[]
}

export interface ClientContext {
  readonly secureContext: SecureContext
  /** Number of the context in this process. */
  readonly serial: number
  /** By address and name; undefined where sessions are not resumed. */
  readonly sessions: LruCache<string, Buffer> | undefined
}

let serials = 0

/** One session for each peer: more peers than this begin anew. */
const MAX_SESSIONS = 1000

const ORDER: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const NO_VERSION: Readonly<Record<SecureVersion, number>> = {
  TLSv1: constants.SSL_OP_NO_TLSv1,
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
  'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
}

/** @throws Error of OpenSSL */
export function createClientContext(options: ClientContextOptions, keepsSessions: boolean): ClientContext {
  const { certificates, authorities, revocations, signatures } = options
  const versions = ORDER.filter((version) => options.protocols.has(version))
  const secureContext = createSecureContext({
    minVersion: versions[0] ?? 'TLSv1.2',
    maxVersion: versions.at(-1) ?? 'TLSv1.3',
    secureOptions: ORDER.filter((version) => !versions.includes(version)).reduce(
      (bits, version) => bits | NO_VERSION[version],
      0,
    ),
    ciphers: `${options.cipherSuites}:${options.ciphers}`,
    ecdhCurve: options.curves,
    ca: [...authorities],
    cert: certificates.map(({ certificate }) => certificate),
    key: certificates.map(({ key }) => key),
    ...(signatures !== undefined && { sigalgs: signatures }),
    ...(revocations.length > 0 && { crl: [...revocations] }),
  })
  serials += 1
  return { secureContext, serial: serials, sessions: keepsSessions ? new LruCache(MAX_SESSIONS) : undefined }
}
