/** The Host header: its form, and whether it is one of ours. */

const hostForm = /^(?:[a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::[0-9]+)?$/

/** The host in lower case without port and trailing dot; '' when it is no valid host. */
export function domainOf(host: string): string {
  const lower = host.toLowerCase()
  if (lower.length > 260 || !hostForm.test(lower)) return ''
  if (lower.endsWith(']')) return lower
  const colon = lower.lastIndexOf(':')
  const domain = colon < 0 ? lower : lower.slice(0, colon)
  return domain.endsWith('.') ? domain.slice(0, -1) : domain
}

/** True for the very domain, or for the domain and all below it when the pattern begins with a dot. */
export function isSameDomain(host: string, pattern: string): boolean {
  if (pattern === '') return false
  const wanted = pattern.toLowerCase()
  if (!wanted.startsWith('.')) return wanted === host
  return host.endsWith(wanted) || host === wanted.slice(1)
}

export function isAllowedHost(domain: string, allowed: readonly string[]): boolean {
  for (const pattern of allowed) {
    if (pattern === '*' || isSameDomain(domain, pattern)) return true
  }
  return false
}
