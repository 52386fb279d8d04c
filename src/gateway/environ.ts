/**
 * Makes the environ of a request: from a front's variables, or from an HTTP request that came without a front.
 *
 * Rules of this file:
 * - The object has no prototype, and client text only ever becomes values, and names by way of cgi-names.ts.
 * - Variables of the gateway are never overridden by a header. The same variable twice: the last one counts, as in
 *   uWSGI and PHP, since a conf includes `fastcgi_params` and then sets its own. The same header twice: one list
 *   (RFC 9110 section 5.3), with `; ` for Cookie (RFC 6265 section 5.4, RFC 9113 section 8.2.3).
 * - The keys of WSGI are written last: no front can set them.
 */
import type { HeaderTable } from '../http/header-table.ts'
import type { Environ, ErrorStream, InputStream } from './application.ts'
import { cgiNameKind, headerToCgiName } from './cgi-names.ts'
import { decodePath, pathOfTarget } from './path-info.ts'
import { WsgiError } from './wsgi-error.ts'

/** What does not come from the client. */
export interface EnvironContext {
  readonly input: InputStream
  readonly errors: ErrorStream
  /** Another thread may call the same application object: never here. */
  readonly multithread?: boolean
  /** There are other worker processes. */
  readonly multiprocess: boolean
  /**
   * Path under which the application is mounted, like `/shop`: split off from PATH_INFO into SCRIPT_NAME
   * (uWSGI's `mount` with `manage-script-name`). Empty or missing for the root.
   */
  readonly mount?: string
}

export { cgiNameToHeader, headerToCgiName } from './cgi-names.ts'

const WSGI_VERSION = Object.freeze([1, 0] as const)

/**
 * From a flat list of names and values.
 *
 * @throws WsgiError WSGI_NO_METHOD.
 */
export function environFromParams(params: readonly string[], context: EnvironContext): Environ {
  const variables = Object.create(null) as Record<string, string | undefined>
  for (let i = 0; i + 1 < params.length; i += 2) {
    const name = params[i] ?? ''
    const value = params[i + 1] ?? ''
    const kind = cgiNameKind(name)
    if (kind === 'variable') variables[name] = value
    else if (kind === 'header') addHeader(variables, name, value)
    // nginx sends both empty when the request has no body.
    else if (kind === 'content' && value !== '') variables[name] = value
  }
  setPath(variables, context.mount ?? '')
  return complete(variables, schemeOf(variables), context)
}

/** The head of a request as the HTTP/1 codec gives it; named here because a codec is no concern of this room. */
export interface HttpRequestHead {
  readonly method: string
  /** Latin-1 code points, as on the wire. */
  readonly target: string
  readonly version: number
  readonly headers: HeaderTable
}

/** What the listener knows of a connection without a front. */
export interface HttpConnectionInfo {
  readonly scheme: 'http' | 'https'
  readonly serverName: string
  readonly serverPort: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** From an HTTP request. `contentLength` is the decision of the codec; undefined when it is not known before the end. */
export function environFromRequest(
  head: HttpRequestHead,
  connection: HttpConnectionInfo,
  contentLength: number | undefined,
  context: EnvironContext,
): Environ {
  const variables = Object.create(null) as Record<string, string | undefined>
  variables.REQUEST_METHOD = head.method
  variables.REQUEST_URI = head.target
  const path = pathOfTarget(head.target)
  const query = path.indexOf('?')
  variables.PATH_INFO = decodePath(query < 0 ? path : path.slice(0, query))
  variables.QUERY_STRING = query < 0 ? '' : path.slice(query + 1)
  variables.SERVER_NAME = connection.serverName
  variables.SERVER_PORT = String(connection.serverPort)
  variables.SERVER_PROTOCOL = head.version === 11 ? 'HTTP/1.1' : head.version === 10 ? 'HTTP/1.0' : 'HTTP/0.9'
  variables.REMOTE_ADDR = connection.remoteAddress
  variables.REMOTE_PORT = String(connection.remotePort)
  if (connection.scheme === 'https') variables.HTTPS = 'on'
  setContent(variables, head.headers, contentLength)
  addHeaders(variables, head.headers)
  setPath(variables, context.mount ?? '')
  return complete(variables, connection.scheme, context)
}

function setContent(
  variables: Record<string, string | undefined>,
  headers: HeaderTable,
  contentLength: number | undefined,
): void {
  const type = headers.get('content-type')
  if (type !== undefined && type !== '') variables.CONTENT_TYPE = type
  // `Content-Length: 0` and no body at all are told apart, as RFC 3875 section 4.1.2 allows.
  if (contentLength !== undefined && (contentLength > 0 || headers.has('content-length'))) {
    variables.CONTENT_LENGTH = String(contentLength)
  }
}

function addHeaders(variables: Record<string, string | undefined>, headers: HeaderTable): void {
  const { names, values } = headers
  for (let i = 0; i < names.length; i++) {
    const name = headerToCgiName(names[i] ?? '')
    if (name !== undefined) addHeader(variables, name, values[i] ?? '')
  }
}

function addHeader(variables: Record<string, string | undefined>, name: string, value: string): void {
  const before = variables[name]
  variables[name] = before === undefined ? value : before + (name === 'HTTP_COOKIE' ? '; ' : ', ') + value
}

/**
 * SCRIPT_NAME is the mount, PATH_INFO the rest of the path. nginx's fastcgi_params has neither: SCRIPT_NAME is the
 * whole path there, made for PHP, and PATH_INFO is missing.
 */
function setPath(variables: Record<string, string | undefined>, mount: string): void {
  let script = variables.SCRIPT_NAME ?? ''
  let info = variables.PATH_INFO
  if (info === undefined) {
    const path = variables.DOCUMENT_URI ?? pathOfRequestUri(variables.REQUEST_URI) ?? script
    if (script !== path && script !== '' && path.startsWith(`${script}/`)) {
      info = path.slice(script.length)
    } else {
      script = ''
      info = path
    }
  } else if (script === info) {
    // `fastcgi_param PATH_INFO $fastcgi_script_name` behind fastcgi_params: the path is there twice.
    script = ''
  }
  if (script === '/') script = ''
  if (mount !== '' && script === '' && (info === mount || info.startsWith(`${mount}/`))) {
    script = mount
    info = info.slice(mount.length)
  }
  variables.SCRIPT_NAME = script
  variables.PATH_INFO = info
}

function pathOfRequestUri(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined
  const target = pathOfTarget(uri)
  const query = target.indexOf('?')
  return decodePath(query < 0 ? target : target.slice(0, query))
}

/** As uWSGI has it: UWSGI_SCHEME, then HTTPS as mod_ssl sets it; then nginx's REQUEST_SCHEME. */
function schemeOf(variables: Record<string, string | undefined>): 'http' | 'https' {
  const scheme = variables.UWSGI_SCHEME ?? ''
  if (scheme !== '') return scheme === 'https' ? 'https' : 'http'
  const https = variables.HTTPS ?? ''
  if (https !== '') return /^(on|1|yes|true)$/i.test(https) ? 'https' : 'http'
  return variables.REQUEST_SCHEME === 'https' ? 'https' : 'http'
}

function complete(
  variables: Record<string, string | undefined>,
  scheme: 'http' | 'https',
  context: EnvironContext,
): Environ {
  if (variables.REQUEST_METHOD === undefined || variables.REQUEST_METHOD === '') {
    throw new WsgiError('WSGI_NO_METHOD')
  }
  variables.QUERY_STRING ??= ''
  variables.SERVER_NAME ||= 'localhost'
  variables.SERVER_PORT ||= scheme === 'https' ? '443' : '80'
  variables.SERVER_PROTOCOL ||= 'HTTP/1.0'
  const environ = variables as unknown as Environ
  environ['wsgi.version'] = WSGI_VERSION
  environ['wsgi.url_scheme'] = scheme
  environ['wsgi.input'] = context.input
  // Reads end with the body even when CONTENT_LENGTH is missing.
  environ['wsgi.input_terminated'] = true
  environ['wsgi.errors'] = context.errors
  environ['wsgi.multithread'] = context.multithread ?? false
  environ['wsgi.multiprocess'] = context.multiprocess
  environ['wsgi.run_once'] = false
  return environ
}
