/** `fastcgi_pass`, `uwsgi_pass` and `scgi_pass` with their parameters: three protocols, one shape. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { AnyDirective, Context, Directive, ListDirective } from '../../config/directive.ts'
import { complexValueRow, flagRow, listRow, numberRow, valueRow } from '../../config/rows.ts'
import { Pcre } from '../../config/pcre.ts'
import type { Scope } from '../../config/scope.ts'
import { requestText as scgiRequest } from '../../protocol/scgi/request-encoder.ts'
import { requestText as uwsgiRequest } from '../../protocol/uwsgi/request-encoder.ts'
import type { CompileContext, CompileHandler, FrontModule } from '../front-module.ts'
import { DONE } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { GatewayClient } from '../upstream/exchange.ts'
import { CgiTarget } from '../upstream/cgi-target.ts'
import { resolverOf } from '../upstream/resolver-directives.ts'
import { evaluatedGroup } from '../upstream/evaluated-group.ts'
import type { PeerGroup } from '../upstream/peer-group.ts'
import { compileParams, type CgiParam } from '../upstream/cgi-params.ts'
import { FastcgiClient } from '../upstream/fastcgi-client.ts'
import { caches, gatewayRows, gatewaySettings, type GatewayRows } from '../upstream/gateway-directives.ts'
import {
  compileUpstreamTls,
  upstreamTlsRows,
  type UpstreamTls,
  type UpstreamTlsRows,
} from '../upstream/upstream-tls.ts'
import { UpstreamRequest } from '../upstream/upstream-request.ts'
import { SingleRequestClient } from '../upstream/single-request-client.ts'
import type { VariableTable } from '../variable-table.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

interface ParamRow {
  readonly name: string
  readonly value: ComplexValue
  readonly ifNotEmpty: boolean
}

function paramRow(name: string): ListDirective<ParamRow> {
  return {
    kind: 'list',
    name,
    contexts: CONTEXTS,
    args: [2, 3],
    syntax: 'parameter value [if_not_empty]',
    doc: 'A variable passed to the application.',
    parse: ([key, value, option], at) => {
      if (option && option.text !== 'if_not_empty') at.fail(`invalid parameter "${option.text}"`)
      return {
        name: key?.text ?? '',
        value: parseComplexValue(value?.text ?? ''),
        ifNotEmpty: option !== undefined,
      }
    },
  }
}

function passRow(name: string): Directive<ComplexValue | undefined> {
  return {
    kind: 'single',
    name,
    contexts: ['location', 'location if'],
    args: 1,
    syntax: 'address',
    default: undefined,
    inherit: false,
    doc: 'Address of the application: `host:port`, `unix:path` or the name of an upstream.',
    parse: ([word]) => parseComplexValue(word?.text ?? ''),
  }
}

interface CgiProtocol {
  readonly scheme: string
  readonly pass: Directive<ComplexValue | undefined>
  readonly param: ListDirective<ParamRow>
  readonly rows: GatewayRows
  /** The client for the settings of a scope. */
  readonly client: (scope: Scope, maxHeadBytes: number) => GatewayClient
  readonly hiddenByDefault: readonly string[]
  /** Of a protocol that is spoken over TLS, too: the schemes of an address, the plain one first. */
  readonly tls?: {
    readonly rows: UpstreamTlsRows
    readonly schemes: readonly [plain: string, secure: string]
  }
}

function compilePass(protocol: CgiProtocol): CompileHandler {
  return (scope, context) => {
    const target = scope.own(protocol.pass)
    const at = scope.find(protocol.pass)?.statement
    if (!target || !at) return undefined
    const client = protocol.client(scope, scope.get(protocol.rows.bufferSize))
    const params = compileParams(
      paramsOf(scope, protocol, context),
      scope.get(protocol.rows.passRequestHeaders),
      caches(protocol.rows, scope),
    )
    const settings = gatewaySettings(protocol.rows, scope, context, {
      scheme: protocol.scheme,
      logServerErrors: false,
      readsRest: false,
      hiddenByDefault: protocol.hiddenByDefault,
      catchStderr: protocol === fastcgi ? scope.list(catchStderr) : undefined,
      ...targetOf(
        protocol,
        scope,
        target,
        at,
        context,
        (group, tls, address) => new CgiTarget(group, client, params, tls, address),
      ),
    })
    return (request) => {
      new UpstreamRequest(request, settings).start()
      return DONE
    }
  }
}

type TargetOf = Pick<Parameters<typeof gatewaySettings>[3], 'target' | 'fixedTarget'>

/** `suwsgi://` asks for TLS; without a scheme it is plain. */
function splitScheme(text: string, { tls }: CgiProtocol): readonly [address: string, secure: boolean] {
  const [, scheme, rest = text] = /^([a-z]+:\/\/)(.*)$/i.exec(text) ?? []
  const index = tls && scheme !== undefined ? tls.schemes.indexOf(scheme.toLowerCase()) : -1
  return index < 0 ? [text, false] : [rest, index === 1]
}

function targetOf(
  protocol: CgiProtocol,
  scope: Scope,
  written: ComplexValue,
  at: Parameters<CompileContext['fail']>[1],
  context: CompileContext,
  make: (group: PeerGroup, tls: UpstreamTls | undefined, address: string) => CgiTarget,
): TargetOf {
  const { upstreams } = context
  const tlsOf = (): UpstreamTls | undefined =>
    protocol.tls && compileUpstreamTls(protocol.tls.rows, scope, context, at)
  if (written.constant !== undefined) {
    const [address, secure] = splitScheme(written.constant, protocol)
    const group = upstreams.named(address) ?? upstreams.address(address, at)
    const target = make(group, secure ? tlsOf() : undefined, address)
    return { fixedTarget: target, target: () => target }
  }
  const value = context.value(written, at)
  const tls = tlsOf()
  const resolver = resolverOf(scope)
  return {
    target: (request) => {
      const [address, secure] = splitScheme(value.evaluate(request), protocol)
      const group = evaluatedGroup(request, address, upstreams, at, resolver)
      return group && make(group, secure ? tls : undefined, address)
    },
  }
}

function paramsOf(scope: Scope, { param }: CgiProtocol, context: CompileContext): CgiParam[] {
  return scope.findList(param).map((bound) => {
    const { name, value, ifNotEmpty } = bound.value as ParamRow
    return { name, ifNotEmpty, value: context.value(value, bound.statement) }
  })
}

const fastcgiIndex = complexValueRow<undefined>({
  name: 'fastcgi_index',
  contexts: CONTEXTS,
  default: undefined,
  doc: 'File name appended to paths that end with a slash, in $fastcgi_script_name.',
})

const splitPathInfo = valueRow<Pcre | undefined>(
  {
    name: 'fastcgi_split_path_info',
    contexts: CONTEXTS,
    default: undefined,
    doc: 'Regular expression whose two groups are $fastcgi_script_name and $fastcgi_path_info.',
  },
  'regex',
  (text, at) => {
    const regex = new Pcre(text)
    return regex.groups === 2 ? regex : at.fail(`pattern "${text}" must have 2 captures`)
  },
)

const catchStderr = listRow<string>(
  {
    name: 'fastcgi_catch_stderr',
    contexts: CONTEXTS,
    doc: 'Text in the error stream of the application that makes its answer invalid.',
  },
  'string',
  (text) => text,
)

const keepConnection = flagRow({
  name: 'fastcgi_keep_conn',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether the application is asked to keep the connection.',
})

const fastcgi: CgiProtocol = {
  scheme: 'fastcgi',
  pass: passRow('fastcgi_pass'),
  param: paramRow('fastcgi_param'),
  rows: gatewayRows('fastcgi'),
  client: (scope, maxHeadBytes) => new FastcgiClient({ keep: scope.get(keepConnection), maxHeadBytes }),
  hiddenByDefault: ['status'],
}

const modifier1 = numberRow(
  { name: 'uwsgi_modifier1', contexts: CONTEXTS, default: 0, doc: 'First modifier of the packet.' },
  { min: 0, max: 255 },
)
const modifier2 = numberRow(
  { name: 'uwsgi_modifier2', contexts: CONTEXTS, default: 0, doc: 'Second modifier of the packet.' },
  { min: 0, max: 255 },
)

const uwsgi: CgiProtocol = {
  scheme: 'uwsgi',
  pass: passRow('uwsgi_pass'),
  param: paramRow('uwsgi_param'),
  rows: gatewayRows('uwsgi'),
  tls: { rows: upstreamTlsRows('uwsgi'), schemes: ['uwsgi://', 'suwsgi://'] },
  client: (scope, maxHeadBytes) => {
    const first = scope.get(modifier1)
    const second = scope.get(modifier2)
    return new SingleRequestClient((params) => uwsgiRequest(params, first, second), maxHeadBytes)
  },
  hiddenByDefault: ['status'], // as nginx's documentation says; its source forgets it
}

const scgi: CgiProtocol = {
  scheme: 'scgi',
  pass: passRow('scgi_pass'),
  param: paramRow('scgi_param'),
  rows: gatewayRows('scgi'),
  client: (_scope, maxHeadBytes) => new SingleRequestClient(scgiRequest, maxHeadBytes),
  hiddenByDefault: ['status'],
}

/** What `$fastcgi_script_name` and `$fastcgi_path_info` are made of, by location: the scope's settings. */
export interface ScriptNames {
  readonly index: ((request: Request) => string) | undefined
  readonly split: Pcre | undefined
}

const scriptNames = new WeakMap<object, ScriptNames>()

/** Remembers a location's settings under its compiled core settings, which the variables can reach. */
export function rememberScriptNames(scope: Scope, context: CompileContext, settings: object): void {
  const bound = scope.find(fastcgiIndex)
  const row = scope.get(fastcgiIndex)
  const index = row && bound ? context.value(row, bound.statement).evaluate : undefined
  scriptNames.set(settings, { index, split: scope.get(splitPathInfo) })
}

function scriptName(request: Request): string {
  const { index, split } = scriptNames.get(request.location.settings) ?? {
    index: undefined,
    split: undefined,
  }
  const match = split?.exec(request.uri)
  const name = match ? (match[1] ?? '') : request.uri
  return name.endsWith('/') && index ? name + index(request) : name
}

function pathInfo(request: Request): string {
  return scriptNames.get(request.location.settings)?.split?.exec(request.uri)?.[2] ?? ''
}

export function defineCgiVariables(variables: VariableTable): void {
  variables.define([
    { name: 'fastcgi_script_name', get: scriptName },
    { name: 'fastcgi_path_info', get: pathInfo },
  ])
}

function rowsOf({ pass, param, rows, tls }: CgiProtocol): readonly AnyDirective[] {
  return [pass, param, ...rows.all, ...(tls?.rows.all ?? [])]
}

export const fastcgiModule: FrontModule = {
  name: 'fastcgi',
  directives: [...rowsOf(fastcgi), fastcgiIndex, splitPathInfo, catchStderr, keepConnection],
  exclusiveContent: compilePass(fastcgi),
}

export const uwsgiModule: FrontModule = {
  name: 'uwsgi',
  directives: [...rowsOf(uwsgi), modifier1, modifier2],
  exclusiveContent: compilePass(uwsgi),
}

export const scgiModule: FrontModule = {
  name: 'scgi',
  directives: rowsOf(scgi),
  exclusiveContent: compilePass(scgi),
}
