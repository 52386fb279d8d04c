/** What clients say to the conf of tls-conf.ts: options of the handshake, a request, and nothing of what should come. */
import type { ConnectionOptions } from 'node:tls'

export interface TlsCase {
  readonly name: string
  readonly servername?: string
  /** Name of a certificate with its key. */
  readonly client?: string
  readonly path?: string
  /** Host of the request; the servername by default. */
  readonly host?: string
  readonly options?: ConnectionOptions
  /** The whole request. */
  readonly request?: string
}

const CLIENTS = [undefined, 'client', 'deep-chain', 'deep', 'revoked', 'stranger'] as const
const VERIFIERS = [
  'on.test',
  'optional.test',
  'no-ca.test',
  'depth0.test',
  'crl.test',
  'trusted.test',
  'page.test',
]

const verified = VERIFIERS.flatMap((servername) =>
  CLIENTS.map((client): TlsCase => ({
    name: `${client ?? 'no certificate'} at ${servername}`,
    servername,
    path: '/client',
    ...(client !== undefined && { client }),
  })),
)

export const TLS_CASES: readonly TlsCase[] = [
  { name: 'no name' },
  { name: 'a name', servername: 'other.test' },
  { name: 'a name in capitals', servername: 'OTHER.Test', host: 'other.test' },
  { name: 'a name with a dot behind it', servername: 'other.test.', host: 'other.test' },
  { name: 'below a wildcard', servername: 'a.wild.test' },
  { name: 'the name of a wildcard itself', servername: 'wild.test' },
  { name: 'a regular expression', servername: 're5.test' },
  { name: 'an unknown name', servername: 'unknown.test' },
  { name: 'a server without a certificate of its own', servername: 'bare.test' },
  { name: 'a name that is refused', servername: 'reject.test' },
  { name: 'a host that is not the name', servername: 'other.test', host: 'localhost' },
  {
    name: 'a host that is not the name, and asks for certificates',
    servername: 'other.test',
    host: 'on.test',
  },
  { name: 'no name, and a host that asks for certificates', host: 'on.test' },
  { name: 'no host', servername: 'other.test', request: 'GET /vars HTTP/1.0\r\n\r\n' },
  { name: 'a redirect', servername: 'other.test', path: '/moved' },
  { name: 'TLS 1.2', options: { maxVersion: 'TLSv1.2' } },
  { name: 'TLS 1.1', options: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } },
  { name: 'a cipher', options: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' } },
  {
    name: 'a weak cipher',
    options: { maxVersion: 'TLSv1.2', ciphers: 'RC4-SHA:AECDH-AES128-SHA@SECLEVEL=0' },
  },
  { name: 'ALPN', options: { ALPNProtocols: ['http/1.1'] } },
  { name: 'ALPN of another protocol', options: { ALPNProtocols: ['imap'] } },
  { name: 'ALPN of several', options: { ALPNProtocols: ['h3', 'http/1.0', 'http/1.1'] } },
  { name: 'a request that is none', request: 'NONSENSE\r\n\r\n' },
  ...verified,
  { name: 'a certificate where none is asked for', client: 'client', path: '/client' },
]
