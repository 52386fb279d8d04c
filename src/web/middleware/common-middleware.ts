import type { Settings } from '../conf/settings.ts'
import { PermissionDenied } from '../exceptions.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse, HttpResponsePermanentRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'

const changingMethods = new Set(['DELETE', 'POST', 'PUT', 'PATCH'])

/** Turns away unwanted user agents and unknown hosts, completes URLs, and measures the body. */
export class CommonMiddleware implements MiddlewareHooks {
  readonly #settings: Settings

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#settings = settings
  }

  /** @throws PermissionDenied, DisallowedHost */
  processRequest(request: HttpRequest): OutgoingResponse | undefined {
    const { disallowedUserAgents, prependWww } = this.#settings
    if (disallowedUserAgents.length > 0) {
      const agent = request.headers.get('User-Agent')
      if (agent !== undefined && disallowedUserAgents.some((pattern) => agent.search(pattern) >= 0)) {
        throw new PermissionDenied('Forbidden user agent')
      }
    }
    const host = request.getHost()
    if (!prependWww || host.startsWith('www.')) return undefined
    const path = this.#lacksSlash(request) ? this.#pathWithSlash(request) : request.getFullPath()
    return new HttpResponsePermanentRedirect(`${request.scheme}://www.${host}${path}`)
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): OutgoingResponse {
    if (response.status === 404 && this.#lacksSlash(request)) {
      const redirect = new HttpResponsePermanentRedirect(this.#pathWithSlash(request))
      redirect.headers.set('Content-Length', 0)
      // Set further in, on the response that this one replaces.
      const frames = response.headers.get('X-Frame-Options')
      if (frames !== undefined) redirect.headers.set('X-Frame-Options', frames)
      return redirect
    }
    if (response instanceof HttpResponse)
      response.headers.setDefault('Content-Length', response.contentLength)
    return response
  }

  /** True when nothing is here, and a view is at the same path with a slash. */
  #lacksSlash(request: HttpRequest): boolean {
    const { pathInfo, site } = request
    if (!this.#settings.appendSlash || pathInfo.endsWith('/') || site === null) return false
    const urls = site.urlsFor(request)
    if (urls.viewAt(pathInfo) !== null) return false
    const view = urls.viewAt(`${pathInfo}/`)
    return view !== null && !('shouldAppendSlash' in view && view.shouldAppendSlash === false)
  }

  #pathWithSlash(request: HttpRequest): string {
    const path = request.getFullPath(true)
    if (this.#settings.debug && changingMethods.has(request.method)) {
      throw new Error(
        `You called this URL via ${request.method}, but the URL doesn't end in a slash and settings.appendSlash is ` +
          `on. A redirect to the slash URL would lose the ${request.method} data. Change the form to point to ` +
          `${path} (note the slash at its end), or set appendSlash to false.`,
      )
    }
    // Two slashes at the start would be another host.
    return path.startsWith('//') ? `/%2F${path.slice(2)}` : path
  }
}
