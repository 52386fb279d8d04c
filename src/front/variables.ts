/** The core variables (nginx, ngx_http_core_module "Embedded Variables", log and upstream modules). */
import { monotonicMs } from '../io/clock.ts'
import { binaryRemoteAddress } from './client-address.ts'
import type { Request } from './request.ts'
import { VERSION, wireStatus } from './special-response.ts'
import { VariableTable, type VariableGetter, type VariableRow } from './variable-table.ts'
import { formatHttpDate } from '../http/http-date.ts'
import { tlvFinder } from '../protocol/proxy-protocol/tlv.ts'
import { parseSize } from '../util/size.ts'
import { cookieValue } from '../http/cookie.ts'
import { realPath } from '../io/files/real-path.ts'
import { strerror } from '../util/strerror.ts'

function requestTime(request: Request): string {
  return ((monotonicMs() - request.startTick) / 1000).toFixed(3)
}

const two = (value: number): string => String(value).padStart(2, '0')
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

let localSecond = -1
let localText = ''
let isoText = ''

/** Both local time texts are made once per second. */
function refreshLocalTime(): void {
  const now = new Date()
  const second = Math.floor(now.getTime() / 1000)
  if (second === localSecond) return
  localSecond = second
  const minutes = -now.getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  const hours = two(Math.floor(Math.abs(minutes) / 60))
  const rest = two(Math.abs(minutes) % 60)
  const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  localText = `${two(now.getDate())}/${MONTHS[now.getMonth()] ?? ''}/${now.getFullYear()}:${clock} ${sign}${hours}${rest}`
  isoText = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}T${clock}${sign}${hours}:${rest}`
}

function timeLocal(): string {
  refreshLocalTime()
  return localText
}

function timeIso(): string {
  refreshLocalTime()
  return isoText
}

function timeIsoMs(): string {
  const text = timeIso()
  return `${text.slice(0, 19)}.${String(Date.now() % 1000).padStart(3, '0')}${text.slice(19)}`
}

/** `$remote_user`: the name in Basic credentials, whether or not anybody checked them. */
function remoteUser(request: Request): string | undefined {
  const value = request.headers.get('authorization')
  if (value === undefined || !/^basic /i.test(value)) return undefined
  const decoded = Buffer.from(value.slice(6).trim(), 'base64').toString('latin1')
  const colon = decoded.indexOf(':')
  return colon > 0 ? decoded.slice(0, colon) : undefined
}

function documentRoot(request: Request): string {
  return request.location.settings.root.evaluate(request)
}

/** `$realpath_root`. A root that is not there is said at each use, as in nginx: the value is empty. */
function realRoot(request: Request): string | undefined {
  const root = documentRoot(request)
  try {
    return realPath(root)
  } catch (error) {
    request.location.settings.errorLog.request(
      'crit',
      request,
      `realpath() "${root}" failed (${strerror(error)})`,
    )
    return undefined
  }
}

/** `$request_filename`: root or alias with the path. Latin-1 code points, as paths are everywhere in the front. */
export function requestFilename(request: Request): string {
  const { alias, aliasPrefix } = request.location.settings
  const root = documentRoot(request)
  if (!alias || request.uriBehindAlias) return root + request.uri
  return aliasPrefix === undefined ? root : root + request.uri.slice(aliasPrefix.length)
}

/** Of a chunked body the length that was counted while it was buffered, as in nginx. */
function contentLength(request: Request): string | undefined {
  const said = request.headers.get('content-length')
  if (said !== undefined || !request.body?.complete) return said
  return String(request.body.length)
}

function setLimitRate(request: Request, value: string): void {
  const rate = parseSize(value)
  if (rate !== undefined) request.limitRate = rate
}

/** Of a body that was read for an upstream and is in memory. */
function bufferedBody({ body }: Request): string | undefined {
  if (!body?.complete || !body.memory) return undefined
  const bytes = Buffer.concat(body.memory)
  return bytes.latin1Slice(0, bytes.length)
}

/** Of what follows the response, as it would be sent now. */
function sentTrailer(request: Request, name: string): string | undefined {
  const values = (request.trailers?.(request) ?? []).flatMap(([field, value]) =>
    field.toLowerCase() === name ? [value] : [],
  )
  return values.length > 0 ? values.join(', ') : undefined
}

/** Nothing for 0, as nginx. */
function portText(port: number | undefined): string | undefined {
  return port === undefined || port === 0 ? undefined : String(port)
}

/** `$proxy_protocol_tlv_name`. A name that is none is said at each use, as in nginx: the value is empty. */
function proxyTlv(name: string): VariableGetter {
  const find = tlvFinder(name)
  return (request) => {
    const { proxied } = request.connection
    if (!proxied) return undefined
    const value = find ? find(proxied.tlvs) : undefined
    if (find && value !== 'broken') return value?.toString('latin1')
    const fault = find ? 'broken PROXY protocol TLV' : `unknown PROXY protocol TLV "${name}"`
    request.location.settings.errorLog.request('error', request, fault)
    return undefined
  }
}

const protocolNames: Record<number, string> = { 9: 'HTTP/0.9', 10: 'HTTP/1.0', 11: 'HTTP/1.1' }

const rows: readonly VariableRow[] = [
  { name: 'args', get: (r) => r.args || undefined, set: (r, value) => void (r.args = value) },
  { name: 'limit_rate', get: (r) => String(Math.max(0, r.limitRate)), set: setLimitRate },
  { name: 'sent_http_content_encoding', get: (r) => r.contentEncoding },
  { name: 'sent_http_etag', get: (r) => r.etag },
  {
    name: 'sent_http_last_modified',
    get: (r) => (r.lastModified >= 0 ? formatHttpDate(r.lastModified) : undefined),
  },
  { name: 'proxy_protocol_addr', get: (r) => r.connection.proxied?.sourceAddress },
  { name: 'proxy_protocol_port', get: (r) => portText(r.connection.proxied?.sourcePort) },
  { name: 'proxy_protocol_server_addr', get: (r) => r.connection.proxied?.destinationAddress },
  { name: 'proxy_protocol_server_port', get: (r) => portText(r.connection.proxied?.destinationPort) },
  { name: 'query_string', get: (r) => r.args || undefined },
  { name: 'is_args', get: (r) => (r.args === '' ? '' : '?') },
  { name: 'binary_remote_addr', get: binaryRemoteAddress },
  { name: 'body_bytes_sent', get: (r) => String(r.bodyBytesSent) },
  { name: 'bytes_sent', get: (r) => String(r.headBytes + r.bodyBytesSent) },
  { name: 'connection', get: (r) => String(r.connection.serial) },
  { name: 'connection_requests', get: (r) => String(r.connection.requestCount) },
  { name: 'connection_time', get: (r) => (r.connection.ageMs / 1000).toFixed(3) },
  { name: 'content_length', get: contentLength },
  { name: 'content_type', get: (r) => r.headers.get('content-type') },
  { name: 'document_root', get: documentRoot },
  { name: 'realpath_root', get: realRoot },
  { name: 'document_uri', get: (r) => r.uri },
  { name: 'uri', get: (r) => r.uri },
  { name: 'host', get: (r) => (r.host === '' ? r.server.name : r.host) },
  { name: 'hostname', get: (r) => r.connection.server.hostname },
  { name: 'https', get: (r) => (r.connection.tls ? 'on' : '') },
  { name: 'msec', get: () => (Date.now() / 1000).toFixed(3) },
  { name: 'nginx_version', get: () => VERSION },
  { name: 'pid', get: () => String(process.pid) },
  {
    name: 'pipe',
    get: (r) => (r.connection.requestCount > 1 && r.connection.decoder.buffered > 0 ? 'p' : '.'),
  },
  { name: 'remote_addr', get: (r) => r.remoteAddress },
  { name: 'remote_port', get: (r) => (r.remotePort > 0 ? String(r.remotePort) : '') },
  { name: 'remote_user', get: remoteUser },
  { name: 'request', get: (r) => r.head.requestLine },
  { name: 'request_body', get: bufferedBody },
  { name: 'request_body_file', get: (r) => r.body?.filePath },
  { name: 'request_completion', get: (r) => (r.completed ? 'OK' : '') },
  { name: 'request_filename', get: requestFilename },
  { name: 'request_id', get: (r) => r.id },
  { name: 'request_length', get: (r) => String(r.head.headLength + (r.body?.length ?? 0)) },
  { name: 'request_method', get: (r) => r.method || undefined },
  { name: 'request_port', get: (r) => portText(r.head.hostPort) ?? '' },
  { name: 'is_request_port', get: (r) => (r.head.hostPort > 0 ? ':' : '') },
  { name: 'request_time', get: requestTime },
  { name: 'request_uri', get: (r) => r.rawUri || undefined },
  { name: 'scheme', get: (r) => (r.connection.tls ? 'https' : 'http') },
  { name: 'server_addr', get: (r) => r.connection.localAddress },
  { name: 'server_name', get: (r) => r.server.name },
  { name: 'server_port', get: (r) => String(r.connection.localPort) },
  { name: 'server_protocol', get: (r) => protocolNames[r.head.version] },
  {
    name: 'status',
    get: (r) => String(r.errorStatus > 0 ? r.errorStatus : wireStatus(r.status)).padStart(3, '0'),
  },
  { name: 'time_iso8601', get: timeIso },
  { name: 'time_iso8601_ms', get: timeIsoMs },
  { name: 'time_local', get: timeLocal },
  // the runtime does not tell what the kernel knows of a connection (TCP_INFO)
  { name: 'tcpinfo_rtt', get: () => undefined },
  { name: 'tcpinfo_rttvar', get: () => undefined },
  { name: 'tcpinfo_snd_cwnd', get: () => undefined },
  { name: 'tcpinfo_rcv_space', get: () => undefined },
  { name: 'uid_reset', get: () => '', changeable: true },
  { name: 'upstream_addr', get: (r) => r.upstream?.addresses },
  { name: 'upstream_status', get: (r) => r.upstream?.statuses },
  { name: 'upstream_response_time', get: (r) => r.upstream?.responseTimes },
  { name: 'upstream_connect_time', get: (r) => r.upstream?.connectTimes },
  { name: 'upstream_header_time', get: (r) => r.upstream?.headerTimes },
  { name: 'upstream_response_length', get: (r) => r.upstream?.responseLengths },
  { name: 'upstream_bytes_sent', get: (r) => r.upstream?.bytesSent },
  { name: 'upstream_bytes_received', get: (r) => r.upstream?.bytesReceived },
  { name: 'upstream_last_addr', get: (r) => r.upstream?.lastServer },
  { name: 'upstream_last_server_name', get: (r) => r.upstream?.lastServer },
  // clients are answered with HTTP/1.1
  { name: 'http2', get: () => '' },
  { name: 'http3', get: () => '' },
  // nothing is cached, and nothing waits in a queue of ours
  { name: 'upstream_cache_status', get: () => undefined },
  { name: 'upstream_cache_last_modified', get: () => undefined },
  { name: 'upstream_cache_etag', get: () => undefined },
  { name: 'upstream_queue_time', get: () => undefined },
  { name: 'sent_http_content_type', get: (r) => r.contentType },
  {
    name: 'sent_http_content_length',
    get: (r) => (r.contentLength >= 0 ? String(r.contentLength) : undefined),
  },
  { name: 'sent_http_connection', get: (r) => (r.keepAlive ? 'keep-alive' : 'close') },
  {
    name: 'sent_http_keep_alive',
    get: (r) => {
      const seconds = r.location.settings.keepaliveHeaderSeconds
      return r.keepAlive && seconds > 0 ? `timeout=${seconds}` : undefined
    },
  },
  { name: 'sent_http_transfer_encoding', get: (r) => (r.chunked ? 'chunked' : undefined) },
]

const fieldName = (rest: string): string => rest.replaceAll('_', '-').toLowerCase()

/**
 * `$http_name`: several fields of one name are joined, as nginx joins them. An underscore stands for a hyphen, or for
 * itself in the names that `underscores_in_headers` lets in.
 */
function headerValue(request: Request, name: string): string | undefined {
  const { headers } = request
  const written = headers.has(name) ? name : headers.names.find((other) => isNamed(other, name))
  if (written === undefined) return undefined
  const values = headers.all(written)
  return values.length > 1 ? values.join(name === 'cookie' ? '; ' : ', ') : values[0]
}

/** Most names are none with an underscore: of those nothing is made. */
function isNamed(field: string, name: string): boolean {
  return field.length === name.length && field.includes('_') && fieldName(field) === name
}

/** Several fields of one name are joined, as for `$http_name`. */
function sentHeader(request: Request, name: string): string | undefined {
  const extra = request.extraHeaders
  let joined: string | undefined
  for (let index = 0; index + 1 < extra.length; index += 2) {
    if (extra[index]?.toLowerCase() !== name) continue
    const value = extra[index + 1] as string
    joined = joined === undefined ? value : `${joined}, ${value}`
  }
  return joined
}

/** `$arg_name`: undecoded, name compared without case (nginx). */
function argument(request: Request, name: string): string | undefined {
  for (const pair of request.args.split('&')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).toLowerCase() === name) return pair.slice(equals + 1)
  }
  return undefined
}

/** A table with every variable that needs no module of its own. */
export function coreVariables(): VariableTable {
  const table = new VariableTable()
  table.define(rows)
  table.definePrefix('http_', (rest) => {
    const name = fieldName(rest)
    return (request) => headerValue(request, name)
  })
  table.definePrefix('sent_http_', (rest) => {
    const name = fieldName(rest)
    return (request) => sentHeader(request, name)
  })
  table.definePrefix('sent_trailer_', (rest) => {
    const name = fieldName(rest)
    return (request) => sentTrailer(request, name)
  })
  table.definePrefix('upstream_http_', (rest) => (request) => request.upstream?.header(fieldName(rest)))
  table.definePrefix('proxy_protocol_tlv_', proxyTlv)
  table.definePrefix('upstream_trailer_', (rest) => (request) => request.upstream?.trailer(fieldName(rest)))
  table.definePrefix('upstream_cookie_', (rest) => (request) => request.upstream?.cookie(rest))
  table.definePrefix('arg_', (rest) => (request) => argument(request, rest.toLowerCase()))
  table.definePrefix(
    'cookie_',
    (rest) => (request) => cookieValue(headerValue(request, 'cookie') ?? '', rest),
  )
  return table
}
