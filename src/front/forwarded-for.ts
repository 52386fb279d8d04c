/** The address that trusted proxies say a request came from (ngx_http_get_forwarded_addr). */
import { formatIp, parseIp, unmapped, type Network } from '../util/ip-address.ts'

export interface ForwardedAddress {
  readonly text: string
  readonly bytes: Uint8Array
  /** 0 when none was named. */
  readonly port: number
}

/**
 * Follows `values`, the last first, as long as the address so far is trusted: once, or with `recursive` until one is
 * not. Undefined when the peer itself is not trusted or nothing usable was named.
 */
export function forwardedAddress(
  peer: Uint8Array | undefined,
  values: readonly string[],
  isTrusted: (address: Uint8Array | undefined) => boolean,
  recursive: boolean,
): ForwardedAddress | undefined {
  if (!isTrusted(peer)) return undefined
  const list = values.join(',').split(',')
  let found: ForwardedAddress | undefined
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const written = (list[index] ?? '').trim()
    if (written === '') continue
    const next = parseForwarded(written)
    if (!next) return found
    found = next
    if (!recursive || !isTrusted(next.bytes)) return found
  }
  return found
}

/** `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]:80`. */
function parseForwarded(text: string): ForwardedAddress | undefined {
  const bracketed = /^\[([^\]]+)\](?::([0-9]{1,5}))?$/.exec(text)
  const withPort = bracketed ?? /^([^:]+):([0-9]{1,5})$/.exec(text)
  const host = withPort?.[1] ?? text
  const port = Number(withPort?.[2] ?? 0)
  const bytes = parseIp(host)
  if (!bytes || port > 65_535) return undefined
  return { text: formatIp(bytes), bytes: unmapped(bytes), port }
}

export function inNetworks(networks: readonly Network[], address: Uint8Array | undefined): boolean {
  return address !== undefined && networks.some((network) => network.contains(address))
}
