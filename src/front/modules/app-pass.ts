/** `app_pass`: to the workers of an `app { }`, over multiplexed FastCGI (or uwsgi). No parameters to configure. */
import type { Statement } from '../../config/ast.ts'
import type { Directive } from '../../config/directive.ts'
import { flagRow } from '../../config/rows.ts'
import { CONNECTION_UPGRADE, connectionOptions } from '../../http/connection.ts'
import { requestText as scgiRequest } from '../../protocol/scgi/request-encoder.ts'
import { requestText as uwsgiRequest } from '../../protocol/uwsgi/request-encoder.ts'
import type { CompileContext, CompileHandler, FrontModule } from '../front-module.ts'
import { DONE } from '../outcome.ts'
import type { Request } from '../request.ts'
import { FastcgiClient, MultiplexedFastcgiClient } from '../upstream/fastcgi-client.ts'
import { SingleRequestClient } from '../upstream/single-request-client.ts'
import { addHeaders, bodyLength } from '../upstream/cgi-params.ts'
import { hintsCondition } from '../upstream/early-hints.ts'
import { gatewayRows, gatewaySettings } from '../upstream/gateway-directives.ts'
import { UpstreamRequest } from '../upstream/upstream-request.ts'
import { CgiTarget } from '../upstream/cgi-target.ts'
import type { GatewayClient, UpstreamTarget } from '../upstream/exchange.ts'
import { HttpTarget, requestUri } from '../upstream/http-target.ts'
import { OutgoingRequest } from '../upstream/outgoing-request.ts'
import type { PeerGroup } from '../upstream/peer-group.ts'
import { serverToken } from '../special-response.ts'
import type { Value } from '../value.ts'

interface AppPassRow {
  readonly name: string
  readonly urgent: boolean
}

const appPass: Directive<AppPassRow | undefined> = {
  kind: 'single',
  name: 'app_pass',
  contexts: ['location', 'location if', 'limit_except'],
  args: [1, 2],
  syntax: 'name [urgent]',
  default: undefined,
  inherit: false,
  doc: 'Passes requests to the application that the block `app name { }` runs. With `urgent` they do not wait in its queue behind the others: for what tells whether it is well. An application over `protocol http` knows no such requests.',
  parse: ([name, parameter], at) => {
    if (parameter && parameter.text !== 'urgent') return at.fail(`invalid parameter "${parameter.text}"`)
    return { name: name?.text ?? '', urgent: parameter !== undefined }
  },
}

const passTrailers = flagRow({
  contexts: ['http', 'server', 'location'],
  name: 'app_pass_trailers',
  default: true,
  doc: 'Whether fields behind a response go to the client. An application has some to send only over `protocol http`.',
})

const rows = gatewayRows('app')

const compile: CompileHandler = (scope, context) => {
  const row = scope.own(appPass)
  const at = scope.find(appPass)?.statement
  if (row === undefined || !at) return undefined
  const { name, urgent } = row
  const group = context.upstreams.app(name)
  if (!group) return context.fail(`app "${name}" is not defined`, at)
  const target = appTarget(group, urgent ? urgentParams : appParams, context, at)
  const upgrades = context.upstreams.appUpgrades(name)
  const upgradeTarget = upgrades && httpTarget(upgrades, UPGRADE_FIELDS, context, at)
  const settings = gatewaySettings(rows, scope, context, {
    scheme: group.protocol,
    target: (request) => (upgradeTarget && asksForUpgrade(request) ? upgradeTarget : target),
    logServerErrors: true,
    readsRest: true,
    hiddenByDefault: ['date', 'server', 'status'],
    earlyHints: hintsCondition(scope, context),
    passTrailers: scope.get(passTrailers),
  })
  return (request) => {
    new UpstreamRequest(request, settings).start()
    return DONE
  }
}

const MAX_HEAD_BYTES = 65_536

/** One per worker and protocol: its connections are shared by all locations. */
const multiplexed = new MultiplexedFastcgiClient(MAX_HEAD_BYTES)

function appTarget(
  group: PeerGroup,
  params: (request: Request) => string[],
  context: CompileContext,
  at: Statement,
): UpstreamTarget {
  if (group.protocol !== 'http') return new CgiTarget(group, appClient(group), params)
  return httpTarget(group, [['Connection', group.keepalive ? '' : 'close']], context, at)
}

const UPGRADE_FIELDS = [
  ['Upgrade', '$http_upgrade'],
  ['Connection', 'upgrade'],
] as const

/** Of a client that may take a 101. HTTP/2 is not spoken to applications. */
function asksForUpgrade({ head, headers, parent }: Request): boolean {
  const protocol = headers.get('upgrade')
  if (protocol === undefined || head.version !== 11 || parent || protocol.toLowerCase().startsWith('h2'))
    return false
  return (connectionOptions(headers.get('connection') ?? '') & CONNECTION_UPGRADE) !== 0
}

function httpTarget(
  group: PeerGroup,
  more: readonly (readonly [name: string, value: string])[],
  context: CompileContext,
  at: Statement,
): UpstreamTarget {
  const fields = [...HTTP_FIELDS, ...more].map(([name, value]) => ({ name, value: context.value(value, at) }))
  const setHeaders = [{ name: 'Host', value: hostField(context, at) }, ...fields]
  const outgoing = new OutgoingRequest({
    version: '1.1',
    setHeaders,
    passHeaders: true,
    method: undefined,
    body: undefined,
  })
  return new HttpTarget({
    group,
    host: 'localhost',
    port: '',
    outgoing,
    maxHeadBytes: MAX_HEAD_BYTES,
    uri: requestUri,
  })
}

/** What an application behind HTTP is told of the client's side: nothing of it is believed from the client itself. */
const HTTP_FIELDS = [
  ['X-Forwarded-For', '$remote_addr'],
  ['X-Forwarded-Proto', '$scheme'],
  ['X-Forwarded-Host', '$http_host'],
  ['X-Request-Id', '$request_id'],
  ['Proxy', ''],
] as const

/** As the client wrote it, port included. Without one (HTTP/1.0) too: HTTP/1.1 wants it (RFC 9112 section 3.2). */
function hostField(context: CompileContext, at: Statement): Value {
  const written = context.value('$http_host', at)
  const known = context.value('$host', at)
  return {
    constant: undefined,
    evaluate: (request) => written.evaluate(request) || known.evaluate(request) || 'localhost',
  }
}

function appClient({ protocol, keepalive }: PeerGroup): GatewayClient {
  if (protocol === 'uwsgi') return new SingleRequestClient((params) => uwsgiRequest(params), MAX_HEAD_BYTES)
  if (protocol === 'scgi') return new SingleRequestClient(scgiRequest, MAX_HEAD_BYTES)
  return keepalive ? multiplexed : new FastcgiClient({ keep: false, maxHeadBytes: MAX_HEAD_BYTES })
}

const OWN = new Set(['HTTP_PROXY'])

/** CGI variables of RFC 3875 section 4.1 and what our tiers tell each other. */
function appParams(request: Request): string[] {
  const { connection, head } = request
  const flat = [
    'REQUEST_METHOD',
    head.method === '' ? 'GET' : request.method,
    'SCRIPT_NAME',
    '',
    'PATH_INFO',
    request.uri,
    'QUERY_STRING',
    request.args,
    'REQUEST_URI',
    request.rawUri,
    'SERVER_NAME',
    request.server.name === '' ? request.host : request.server.name,
    'SERVER_PORT',
    String(connection.localPort),
    'SERVER_PROTOCOL',
    head.version === 10 ? 'HTTP/1.0' : 'HTTP/1.1',
    'SERVER_SOFTWARE',
    serverToken(false),
    'GATEWAY_INTERFACE',
    'CGI/1.1',
    'REQUEST_SCHEME',
    connection.tls ? 'https' : 'http',
    'REMOTE_ADDR',
    request.remoteAddress,
    'REMOTE_PORT',
    String(request.remotePort),
    'REQUEST_ID',
    request.id,
    'PORTICO_TRACE',
    frontTrace(request),
  ]
  const type = request.headers.get('content-type')
  if (type !== undefined) flat.push('CONTENT_TYPE', type)
  const length = bodyLength(request)
  if (length !== '') flat.push('CONTENT_LENGTH', length)
  if (connection.tls) flat.push('HTTPS', 'on')
  addHeaders(flat, request, OWN)
  return flat
}

function urgentParams(request: Request): string[] {
  const params = appParams(request)
  params.push('PORTICO_PRIORITY', 'high')
  return params
}

/** What the front did so far: `name=startEpochUs:durationUs`. Both tiers take the finer clock of the same machine. */
function frontTrace(request: Request): string {
  const start = Math.round((performance.timeOrigin + request.startTick) * 1000)
  const spent = Math.max(0, Math.round((performance.now() - request.startTick) * 1000))
  return `front=${start}:${spent}`
}

export const appPassModule: FrontModule = {
  name: 'app_pass',
  directives: [appPass, passTrailers, ...rows.all],
  exclusiveContent: compile,
}
