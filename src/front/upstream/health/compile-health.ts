/** From `health_check` and `match` to the checks of a conf. */
import { HeaderTable } from '../../../http/header-table.ts'
import type { BoundStatement, Scope } from '../../../config/scope.ts'
import { monotonicMs } from '../../../io/clock.ts'
import type { ClientConnection } from '../../client-connection.ts'
import type { CompileContext } from '../../front-module.ts'
import { Request } from '../../request.ts'
import type { Server } from '../../server-config.ts'
import { passSettings } from '../pass-settings.ts'
import type { ResponseTests } from './checked-response.ts'
import { healthCheck, type HealthCheckRow } from './health-check-row.ts'
import { HealthChecks } from './health-checks.ts'
import type { CheckPlan } from './health-checker.ts'
import { Lease } from './lease.ts'
import { matchBlock, type MatchRow } from './match-block.ts'

const LEASE_BYTES = 64 * 1024

/** `servers`: what each `server { }` was compiled to; the locations' `*_pass` are compiled already. */
export function compileHealthChecks(
  http: Scope,
  context: CompileContext,
  servers: ReadonlyMap<Scope, Server>,
): HealthChecks {
  const matches = compileMatches(http, context)
  const plans: CheckPlan[] = []
  for (const [scope, server] of servers)
    for (const [location, bound] of checksIn(scope))
      plans.push(planOf(location, bound, server, matches, context))
  if (plans.length === 0) return new HealthChecks(plans, undefined)
  const zone = context.zones.blobs('health checks', LEASE_BYTES)
  return new HealthChecks(plans, new Lease(zone, 'checker', crypto.randomUUID()))
}

function* checksIn(scope: Scope): IterableIterator<readonly [Scope, BoundStatement]> {
  for (const bound of scope.findList(healthCheck)) yield [scope, bound]
  for (const { scope: inner } of scope.bound) if (inner) yield* checksIn(inner)
}

function planOf(
  location: Scope,
  { value, statement }: BoundStatement,
  server: Server,
  matches: ReadonlyMap<string, ResponseTests>,
  context: CompileContext,
): CheckPlan {
  const row = value as HealthCheckRow
  const settings = passSettings(location)
  const target = settings?.fixedTarget
  if (!settings || !target)
    return context.fail(
      '"health_check" needs an upstream, named without variables, in its location',
      statement,
    )
  const { group } = target
  if (!group.hasZone)
    return context.fail(`"health_check" requires "zone" in upstream "${group.name}"`, statement)
  const match = row.match === undefined ? undefined : matches.get(row.match)
  if (row.match !== undefined && !match) return context.fail(`match "${row.match}" is not defined`, statement)
  return {
    group,
    row,
    target,
    settings,
    match,
    tcp: row.tcp,
    index: group.addCheck(row.mandatory),
    log: (level, message) => server.settings.errorLog.plain(level, message),
    request: () => requestOf(server, row.uri),
  }
}

function compileMatches(http: Scope, context: CompileContext): ReadonlyMap<string, ResponseTests> {
  const matches = new Map<string, ResponseTests>()
  for (const { value, statement } of http.findList(matchBlock)) {
    const { name, tests } = value as MatchRow
    if (matches.has(name)) context.fail(`duplicate match "${name}"`, statement)
    matches.set(name, {
      tests: tests.flatMap((test) => (test.kind === 'require' ? [] : [test])),
      required: tests.flatMap((test) =>
        test.kind === 'require' ? test.values.map((item) => context.value(item, test.at)) : [],
      ),
    })
  }
  return matches
}

/** A GET of nobody: what variables say of a client is empty. */
function requestOf(server: Server, uri: string): Request {
  const question = uri.indexOf('?')
  const connection = {
    point: { key: '' },
    serial: 0,
    remoteAddress: '',
    remotePort: 0,
    localAddress: '',
    localPort: 0,
    baseServer: server,
    requestCount: 0,
    ageMs: 0,
    decoder: { buffered: 0 },
  }
  const head = {
    method: 'GET',
    target: uri,
    version: 10,
    requestLine: '',
    headers: new HeaderTable(),
    framing: { kind: 'none' },
    host: '',
    hostPort: 0,
    keepAlive: false,
    expectContinue: false,
    headLength: 0,
    ignored: [],
  } as const
  const request = new Request(
    connection as unknown as ClientConnection,
    head,
    server,
    Date.now(),
    monotonicMs(),
  )
  request.rawUri = uri
  request.uri = request.clientUri = question < 0 ? uri : uri.slice(0, question)
  request.args = request.clientArgs = question < 0 ? '' : uri.slice(question + 1)
  // the path is the whole one, not what is behind a location
  request.pathReplaced = true
  return request
}
