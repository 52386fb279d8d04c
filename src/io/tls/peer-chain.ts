/** How many certificates stand between that of a peer and the authority that is trusted. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** Chains longer than this are not walked: OpenSSL refuses them on its own (depth 100). */
const MAX_WALK = 110

/**
 * OpenSSL's depth of a chain that it found good, at the least: of what clients send beside their certificate the
 * runtime shows a server nothing, so that such a chain has one link that is known of.
 */
export function leastIntermediates(socket: TLSSocket): number {
  const chain = chainOf(socket)
  const last = chain.at(-1)
  const whole = last !== undefined && last.fingerprint256 === last.issuerCertificate?.fingerprint256
  return whole ? Math.max(0, chain.length - 2) : Math.max(1, chain.length - 1)
}

/** The runtime adds to what the peer sent what its own store has. */
function chainOf(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.fingerprint256 !== undefined && chain.length < MAX_WALK) {
    chain.push(next)
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}
