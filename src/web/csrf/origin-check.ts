/** Where an unsafe request came from: its Origin, or on HTTPS its Referer. */
import type { Settings } from '../conf/settings.ts'
import { DisallowedHost } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { isSameDomain } from '../http/host.ts'

/** `settings.csrfTrustedOrigins`, taken apart once. */
export class OriginCheck {
  readonly #exact: ReadonlySet<string>
  /** Domains with all below them, by scheme; each begins with a dot. */
  readonly #subdomains = new Map<string, string[]>()
  readonly #hosts: readonly string[]
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
    const origins = settings.csrfTrustedOrigins
    this.#exact = new Set(origins.filter((origin) => !origin.includes('*')))
    this.#hosts = origins.map((origin) => origin.slice(origin.indexOf('://') + 3).replace(/^\*/, ''))
    for (const origin of origins.filter((one) => one.includes('*'))) {
      const cut = origin.indexOf('://')
      const scheme = origin.slice(0, cut)
      const domains = this.#subdomains.get(scheme) ?? []
      this.#subdomains.set(scheme, [...domains, origin.slice(cut + 3).replace(/^\*/, '')])
    }
  }

  /** True when the Origin is ours or trusted. `null`, which a sandboxed frame sends, is neither. */
  originIsGood(request: HttpRequest, origin: string): boolean {
    const host = ourHost(request)
    if (host !== null && origin === `${request.scheme}://${host}`) return true
    if (this.#exact.has(origin)) return true
    const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)$/.exec(origin)
    if (parts === null) return false
    const [, scheme = '', authority = ''] = parts
    return (this.#subdomains.get(scheme) ?? []).some((domain) => isSameDomain(authority, domain))
  }

  /** What is wrong with the Referer of a request over HTTPS without an Origin; null when nothing is. */
  refererFault(request: HttpRequest): string | null {
    const referer = request.headers.get('Referer')
    if (referer === undefined) return 'Referer checking failed - no Referer.'
    const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#\\]*)/.exec(referer)
    const [, scheme = '', authority = ''] = parts ?? []
    if (scheme === '' || authority === '' || /[\s@]/.test(authority)) {
      return 'Referer checking failed - Referer is malformed.'
    }
    if (scheme.toLowerCase() !== 'https')
      return 'Referer checking failed - Referer is insecure while host is secure.'
    // Browsers write hosts in lower case: what does not is no browser.
    if (this.#hosts.some((trusted) => isSameDomain(authority, trusted))) return null
    const good = this.#goodReferer(request)
    if (good !== null && isSameDomain(authority, good)) return null
    return `Referer checking failed - ${referer.slice(0, 200)} does not match any trusted origins.`
  }

  /** The cookie's domain if it has one: every host under it may use the cookie. */
  #goodReferer(request: HttpRequest): string | null {
    const { csrfUseSessions, sessionCookieDomain, csrfCookieDomain } = this.#settings
    const domain = csrfUseSessions ? sessionCookieDomain : csrfCookieDomain
    if (domain === null) return ourHost(request)
    const port = request.getPort()
    return port === '443' || port === '80' ? domain : `${domain}:${port}`
  }
}

function ourHost(request: HttpRequest): string | null {
  try {
    return request.getHost().toLowerCase()
  } catch (error) {
    if (error instanceof DisallowedHost) return null
    throw error
  }
}
