import { isLocalAddress, parseSocketAddress } from '../io/socket-address.ts'

/**
 * What to say about a gateway socket that others than our front reach: gateway protocols have no notion of trust, so
 * whoever connects sets REMOTE_USER, HTTPS and every other variable as he likes.
 */
export function exposureWarning(address: string): string | undefined {
  if (isLocalAddress(parseSocketAddress(address))) return undefined
  return (
    `${address} is reachable from other machines, and whoever reaches it can set every variable of a request; ` +
    'let it be a unix socket or 127.0.0.1, or guard the port'
  )
}
