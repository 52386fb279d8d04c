/**
 * Fields that go neither before nor among those of the response's head: 103 (RFC 8297) and trailers (RFC 9110 section
 * 6.5). HTTP/1.1 alone carries them; over FastCGI, uwsgi and SCGI, and to a front of HTTP/1.0, the keys are not there.
 */
import type { Environ, HeaderPair } from './application.ts'
import { checkHeaders } from './response-head.ts'
import type { ApplicationRun } from './run-application.ts'
import { WsgiError } from './wsgi-error.ts'

/** Where they go, for the request that runs. */
export interface FieldSections {
  /** Nothing comes of it behind the head. */
  earlyHints(headers: readonly HeaderPair[]): void
  /** In place of those given before. Nothing comes of them where the body has a length. */
  trailers(headers: readonly HeaderPair[]): void
}

/** RFC 9110 section 6.5.1: what decides on framing, routing, caching and the like is of no use behind the body. */
const NOT_BEHIND = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'expires',
  'host',
  'location',
  'retry-after',
  'set-cookie',
  'vary',
  'www-authenticate',
])

/** Rack's name for the first is `rack.early_hints`. What is said after the response is over is nobody's. */
export function offerSections(environ: Environ, sections: FieldSections, run: ApplicationRun): void {
  environ['portico.early_hints'] = (headers) => {
    if (checkHeaders(headers) >= 0) throw misplaced('Content-Length')
    if (!run.over) sections.earlyHints(headers)
  }
  environ['portico.trailers'] = (headers) => {
    checkHeaders(headers)
    const wrong = headers.find(([name]) => NOT_BEHIND.has(name.toLowerCase()))
    if (wrong) throw misplaced(wrong[0])
    if (!run.over) sections.trailers(headers)
  }
}

function misplaced(name: string): WsgiError {
  return new WsgiError(
    'WSGI_BAD_HEADER',
    `the header ${JSON.stringify(name)} says something about the response; give it to startResponse`,
  )
}
