/**
 * Writes the head of a response as CGI-like protocols want it: the last line before the wire. It looks at every
 * octet again, whatever was checked before: a line break here would be a header, or a response, of an attacker's
 * making (RFC 9112 section 11.1). The result is Latin-1 text.
 */
import type { HeaderPair } from './application.ts'
import { WsgiError } from './wsgi-error.ts'

/** Not Latin-1 either: writing U+010A as one octet would make it an LF. */
const REFUSED = /[\0\r\n\u0100-\uffff]/

/** For FastCGI and SCGI: `Status: 200 OK` and the headers (RFC 3875 section 6.3.3). @throws WsgiError WSGI_BAD_HEADER. */
export function cgiHead(status: string, headers: readonly HeaderPair[]): string {
  return head('Status: ', status, headers)
}

/** For uwsgi: a status line and the headers, as uWSGI writes it. @throws WsgiError WSGI_BAD_HEADER. */
export function statusLineHead(status: string, headers: readonly HeaderPair[]): string {
  return head('HTTP/1.1 ', status, headers)
}

function head(start: string, status: string, headers: readonly HeaderPair[]): string {
  if (REFUSED.test(status)) throw refused('the status')
  let text = `${start}${status}\r\n`
  for (const [name, value] of headers) {
    if (REFUSED.test(name) || REFUSED.test(value))
      throw refused(`the header ${JSON.stringify(name.slice(0, 60))}`)
    text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

function refused(what: string): WsgiError {
  return new WsgiError(
    'WSGI_BAD_HEADER',
    `${what} has a line break, a NUL or a character that is not Latin-1`,
  )
}
