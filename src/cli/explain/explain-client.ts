/** The client of an explained request: over TLS where the URL is `https:` and the listening address speaks it. */
import type { ListenPoint } from '../../front/server-config.ts'
import type { Dialling } from '../../io/dial.ts'
import { createClientContext } from '../../io/tls/client-context.ts'
import type { ExplainTarget } from './explain-arguments.ts'

/** Whatever certificate it shows: who the server is was asked for, not whether it can be trusted. */
export function diallingOf({ ssl }: ListenPoint, { url }: ExplainTarget): Dialling {
  const plain = { keepAlive: false, localAddress: undefined, localPort: undefined }
  if (!ssl || url.protocol !== 'https:') return plain
  const context = createClientContext(
    {
      certificates: [],
      protocols: new Set(['TLSv1.2', 'TLSv1.3']),
      ciphers: 'DEFAULT',
      cipherSuites: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256',
      curves: 'auto',
      signatures: undefined,
      authorities: [],
      revocations: [],
    },
    false,
  )
  const name = /^[\d.]+$|^\[/.test(url.hostname) ? undefined : url.hostname
  return { ...plain, tls: { context, key: '', serverName: name, verify: undefined } }
}

/** What a proxy in front would say of the client, where the listener wants to hear it. */
export function proxyHeader({ proxyProtocol, address }: ListenPoint, { from }: ExplainTarget): string {
  if (!proxyProtocol) return ''
  const port = address.kind === 'tcp' ? address.port : 0
  return from.includes(':')
    ? `PROXY TCP6 ${from} ::1 40000 ${port}\r\n`
    : `PROXY TCP4 ${from} 127.0.0.1 40000 ${port}\r\n`
}

export function requestText({ method, url, path, headers }: ExplainTarget): string {
  const own = headers.some(([name]) => name.toLowerCase() === 'host') ? [] : [['Host', url.host] as const]
  const fields = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${path} HTTP/1.1\r\n${fields}\r\n`
}
