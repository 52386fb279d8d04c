/** The `Destination` of COPY and MOVE (RFC 4918 section 10.3): a path on this server, by the same host. */
import type { Request } from '../../request.ts'

/** The decoded path, or what is wrong with the field. */
export type Destination =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'fault'; readonly message: string }

export function readDestination(request: Request): Destination {
  const value = request.headers.get('destination')
  if (value === undefined) return fault('client sent no "Destination" header')
  const invalid = `client sent invalid "Destination" header: "${value}"`
  const raw = value.startsWith('/') ? value : withoutAuthority(request, value)
  if (raw === 'other')
    return fault(`"Destination" URI "${value}" is handled by different repository than the source URI`)
  const path = raw === undefined ? undefined : decodePath(raw)
  return path === undefined ? fault(invalid) : { kind: 'path', path }
}

function fault(message: string): Destination {
  return { kind: 'fault', message }
}

/** `other`: of another host. Undefined: not a URL of our scheme. */
function withoutAuthority(request: Request, url: string): string | undefined {
  const scheme = request.connection.tls ? 'https://' : 'http://'
  if (!url.startsWith(scheme)) return undefined
  const slash = url.indexOf('/', scheme.length)
  const authority = slash < 0 ? url.slice(scheme.length) : url.slice(scheme.length, slash)
  const host = authority.replace(/:[0-9]*$/, '').toLowerCase()
  if (host !== request.host.toLowerCase()) return 'other'
  return slash < 0 ? undefined : url.slice(slash)
}

/** Without its query. Undefined where it would climb, or holds what no name does. */
function decodePath(raw: string): string | undefined {
  const query = raw.indexOf('?')
  const encoded = query < 0 ? raw : raw.slice(0, query)
  const path = encoded.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  )
  if (path.includes('\0') || /\/\.\.(?:\/|$)/.test(path)) return undefined
  return path
}
