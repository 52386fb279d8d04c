import type { RedisClientOptions } from '@redis/client'
import { ImproperlyConfigured } from '../exceptions.ts'

/** Certificates for `rediss:` and `valkeys:`, PEM; the system's authorities when none is given. */
export interface ValkeyTls {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** The name the certificate has to be for, where it is not the URL's host. */
  readonly servername?: string
}

/** What the client package needs to know to connect. */
export type ValkeyAddress = Pick<RedisClientOptions, 'socket' | 'username' | 'password' | 'database'> & {
  /** For messages: without user and password. */
  readonly shown: string
}

const DEFAULT_PORT = 6379
const SECURE: ReadonlyMap<string, boolean> = new Map([
  ['redis:', false],
  ['valkey:', false],
  ['rediss:', true],
  ['valkeys:', true],
])

/**
 * `redis://user:password@host:port/db`, `rediss:` with TLS, both also as `valkey:`; or
 * `unix:///path?db=1&username=u&password=p`.
 *
 * @throws ImproperlyConfigured for any other URL
 */
export function valkeyAddress(url: string, tls: ValkeyTls = {}): ValkeyAddress {
  const parts = URL.canParse(url) ? new URL(url) : null
  if (parts?.protocol === 'unix:') return unixAddress(parts)
  const isSecure = SECURE.get(parts?.protocol ?? '')
  if (parts === null || isSecure === undefined || parts.hostname === '') {
    throw new ImproperlyConfigured(
      'The cache is no Valkey or Redis URL: redis://host:6379/0, rediss:, valkey:, valkeys: and unix:///path are.',
    )
  }
  // The brackets of an IPv6 address belong to the URL.
  const host = decodeURIComponent(parts.hostname.replace(/^\[(.*)\]$/, '$1'))
  const port = parts.port === '' ? DEFAULT_PORT : Number(parts.port)
  const name = parts.pathname.replace(/^\//, '')
  return {
    shown: `${parts.hostname}:${port}`,
    socket: isSecure ? { host, port, tls: true, ...tls } : { host, port },
    ...credentials(decodeURIComponent(parts.username), decodeURIComponent(parts.password)),
    database: databaseNumber(name === '' ? (parts.searchParams.get('db') ?? '0') : name),
  }
}

function unixAddress({ host, pathname, searchParams }: URL): ValkeyAddress {
  if (host !== '' || pathname === '' || pathname === '/')
    throw new ImproperlyConfigured(
      'A unix: URL of a cache has three slashes and a path: unix:///run/valkey.sock',
    )
  const path = decodeURIComponent(pathname)
  return {
    shown: path,
    socket: { path, tls: false },
    ...credentials(searchParams.get('username') ?? '', searchParams.get('password') ?? ''),
    database: databaseNumber(searchParams.get('db') ?? '0'),
  }
}

const credentials = (username: string, password: string): { username?: string; password?: string } => ({
  ...(username !== '' && { username }),
  ...(password !== '' && { password }),
})

function databaseNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new ImproperlyConfigured(`The cache's database is a number, not '${text}'.`)
}
