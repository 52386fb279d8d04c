import type { HttpRequest, Layer } from 'portico/web'

/** Who answered a request. */
export interface Worker {
  /** Tells the processes apart, and nothing else. */
  readonly name: string
  /** Requests so far, this one among them. */
  readonly served: number
}

const workers = new WeakMap<HttpRequest, Worker>()

export function workerOf(request: HttpRequest): Worker {
  return workers.get(request) ?? { name: 'nobody', served: 0 }
}

/** Everything that a page shows is from this site, and no other site may put it into a frame. */
const policy = [
  "default-src 'none'",
  "base-uri 'none'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
].join('; ')

/**
 * The site's own layer: counts what this process answers, says so in a header, which files from disk do not have, and
 * tells browsers to load nothing from elsewhere.
 */
export const houseRules: Layer = (getResponse) => {
  const name = crypto.randomUUID().slice(0, 4)
  let served = 0
  return async (request) => {
    served += 1
    workers.set(request, { name, served })
    const response = await getResponse(request)
    response.headers.set('X-Answered-By', `application ${name}`)
    response.headers.setDefault('Content-Security-Policy', policy)
    return response
  }
}
