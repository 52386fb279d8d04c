/** How many certificates stand between that of a client and the authority that is trusted. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { ServerContext } from './server-context.ts'

/** Chains longer than this are not walked: OpenSSL refuses them on its own (depth 100). */
const MAX_WALK = 110

/**
 * OpenSSL's depth of a chain that it found good. A resumed session brings the client's certificate alone: what it sent
 * beside it was counted when the session was new. Infinity where nobody knows.
 */
export function intermediates(socket: TLSSocket, { chainLengths }: ServerContext): number {
  const chain = chainOf(socket)
  const [leaf] = chain
  const last = chain.at(-1)
  if (!leaf || !last) return Infinity
  const whole = last.fingerprint256 === last.issuerCertificate?.fingerprint256
  if (!whole) return chainLengths.get(leaf.fingerprint256) ?? Infinity
  const count = Math.max(0, chain.length - 2)
  if (!socket.isSessionReused())
    chainLengths.set(leaf.fingerprint256, Math.max(count, chainLengths.get(leaf.fingerprint256) ?? 0))
  return count
}

/** The runtime adds to what the client sent what its own store has. */
function chainOf(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.fingerprint256 !== undefined && chain.length < MAX_WALK) {
    chain.push(next)
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}
