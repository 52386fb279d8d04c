import type { Settings } from '../conf/settings.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponsePermanentRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'

/** Sends plain HTTP to HTTPS, and tells browsers to be careful with the site. Never overrides what a view has set. */
export class SecurityMiddleware implements MiddlewareHooks {
  readonly #settings: Settings
  readonly #hsts: string | null
  readonly #referrerPolicy: string | null

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#settings = settings
    this.#hsts = hstsValue(settings)
    this.#referrerPolicy = policyList(settings.secureReferrerPolicy)
  }

  processRequest(request: HttpRequest): OutgoingResponse | undefined {
    const { secureSslRedirect, secureSslHost, secureRedirectExempt } = this.#settings
    if (!secureSslRedirect || request.isSecure()) return undefined
    const path = request.path.replace(/^\/+/, '')
    if (secureRedirectExempt.some((pattern) => path.search(pattern) >= 0)) return undefined
    return new HttpResponsePermanentRedirect(
      `https://${secureSslHost ?? request.getHost()}${request.getFullPath()}`,
    )
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): OutgoingResponse {
    const { headers } = response
    if (this.#hsts !== null && request.isSecure()) headers.setDefault('Strict-Transport-Security', this.#hsts)
    if (this.#settings.secureContentTypeNosniff) headers.setDefault('X-Content-Type-Options', 'nosniff')
    if (this.#referrerPolicy !== null) headers.setDefault('Referrer-Policy', this.#referrerPolicy)
    const opener = this.#settings.secureCrossOriginOpenerPolicy
    if (opener !== null) headers.setDefault('Cross-Origin-Opener-Policy', opener)
    return response
  }
}

function hstsValue(settings: Settings): string | null {
  if (settings.secureHstsSeconds === 0) return null
  const subdomains = settings.secureHstsIncludeSubdomains ? '; includeSubDomains' : ''
  return `max-age=${settings.secureHstsSeconds}${subdomains}${settings.secureHstsPreload ? '; preload' : ''}`
}

function policyList(policy: Settings['secureReferrerPolicy']): string | null {
  if (policy === null) return null
  const list = typeof policy === 'string' ? policy.split(',') : policy
  return list.map((one) => one.trim()).join(',')
}
