/** Redirects that the front makes itself: `Location` from a path on this host. */
import { escapeUri } from '../http/escape-uri.ts'
import type { Request } from './request.ts'

const CONTROLS = /[\x00-\x1f\x7f]/
const CONTROLS_ALL = new RegExp(CONTROLS, 'g')

/** Sets `Location` and answers the status to finish with. `uri` begins with a slash or is absolute. */
export function redirectTo(request: Request, status: number, uri: string): number {
  const target = escapeControls(uri)
  request.setLocation(target.startsWith('/') ? absoluteLocation(request, target) : target)
  return status
}

/** `return 302 $uri`: what was decoded must not end the line of the header. */
function escapeControls(uri: string): string {
  if (!CONTROLS.test(uri)) return uri
  return uri.replaceAll(CONTROLS_ALL, (control) => escapeUri(control, 'uri'))
}

/** 301 to the same path with a slash at its end, for directories and prefix locations. */
export function redirectToSlash(request: Request): number {
  const query = request.args === '' ? '' : `?${request.args}`
  return redirectTo(request, 301, `${escapeUri(request.uri, 'uri')}/${query}`)
}

/** `absolute_redirect`, `server_name_in_redirect`, `port_in_redirect`. */
export function absoluteLocation(request: Request, uri: string): string {
  const { settings } = request.location
  if (!settings.absoluteRedirect) return uri
  const { connection } = request
  const host = settings.serverNameInRedirect
    ? request.server.name
    : request.host === ''
      ? connection.localAddressText
      : request.host
  const port = connection.localPort
  const [scheme, usual] = connection.tls ? ['https', 443] : ['http', 80]
  const shown = settings.portInRedirect && port !== usual && port !== 0 ? `:${port}` : ''
  return `${scheme}://${host}${shown}${uri}`
}
