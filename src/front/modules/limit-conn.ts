/** `limit_conn`: how many requests with one key may be under way (preaccess phase). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, ListDirective } from '../../config/directive.ts'
import { choiceRow, flagRow, numberRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import {
  checkZones,
  LIMIT_LOG_LEVELS,
  limitKey,
  limitsOf,
  parseZone,
  type LimitKey,
  type ZoneName,
} from '../limit-zone.ts'
import type { CompileContext, CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { VariableSetter } from '../variable-table.ts'
import type { CountAsk, CountZone } from '../zones/count-table.ts'
import type { Zones } from '../zones/zones.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

interface ZoneRow extends ZoneName {
  readonly key: ComplexValue
}

const limitConnZone: ListDirective<ZoneRow> = {
  kind: 'list',
  name: 'limit_conn_zone',
  contexts: ['http'],
  args: 2,
  syntax: 'key zone=name:size',
  doc: 'Counters by key for limit_conn, for all workers together.',
  parse: ([key, zone], at) => {
    if (!zone?.text.startsWith('zone=')) return at.fail(`invalid parameter "${zone?.text ?? ''}"`)
    return { key: parseComplexValue(key?.text ?? ''), ...parseZone(zone, at) }
  },
}

interface LimitRow {
  readonly zone: string
  readonly most: number
}

const limitConn: ListDirective<LimitRow> = {
  kind: 'list',
  name: 'limit_conn',
  contexts: CONTEXTS,
  args: 2,
  syntax: 'zone number',
  doc: 'Most requests with one key that are under way; more are refused.',
  parse: ([zone, number], at) => {
    const most = Number(number?.text)
    if (!/^[0-9]+$/.test(number?.text ?? '') || most === 0)
      at.fail(`invalid number of connections "${number?.text ?? ''}"`)
    if (most > 65_535) at.fail('connection limit must be less 65536')
    return { zone: zone?.text ?? '', most }
  },
}

const status = numberRow(
  { name: 'limit_conn_status', contexts: CONTEXTS, default: 503, doc: 'Status of refused requests.' },
  { min: 400, max: 599 },
)
const logLevel = choiceRow(
  {
    name: 'limit_conn_log_level',
    contexts: CONTEXTS,
    default: 'error',
    doc: 'Level of lines about refusals.',
  },
  LIMIT_LOG_LEVELS,
)
const dryRun = flagRow({
  name: 'limit_conn_dry_run',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether requests are only counted, not refused.',
})

const NAME = 'limit_conn_status'

/** Longest key that is counted, bytes. */
const MAX_KEY = 255

interface Limit extends LimitRow, LimitKey {
  readonly shared: CountZone
}

interface CountQuestion extends CountAsk {
  readonly limit: Limit
}

function compileLimits(scope: Scope, context: CompileContext): Limit[] {
  const zones = scope.list(limitConnZone)
  return limitsOf(scope, limitConn, context).map(({ row, statement }) => {
    const zone = zones.find(({ name }) => name === row.zone)
    if (!zone) return context.fail(`zero size shared memory zone "${row.zone}"`, statement)
    const shared = context.zones.counts(zone.name, zone.bytes)
    return { ...row, keySource: zone.key.source, key: context.value(zone.key, statement), shared }
  })
}

/** What a scope does with requests above its limits. */
class ConnectionLimiter {
  readonly #limits: readonly Limit[]
  readonly #zones: Zones
  readonly #refusal: number
  readonly #level: (typeof LIMIT_LOG_LEVELS)[number]
  readonly #dry: boolean
  readonly #setStatus: VariableSetter
  readonly #slot: number

  constructor(limits: readonly Limit[], scope: Scope, { zones, variables }: CompileContext) {
    this.#limits = limits
    this.#zones = zones
    this.#refusal = scope.get(status)
    this.#level = scope.get(logLevel)
    this.#dry = scope.get(dryRun)
    this.#setStatus = variables.setter(NAME)
    this.#slot = variables.slot(NAME)
  }

  handle(request: Request): Outcome | Promise<Outcome> {
    if (request.parent || request.slots?.[this.#slot] !== undefined) return NEXT
    const asks: CountQuestion[] = []
    for (const limit of this.#limits) {
      const key = limitKey(limit, request, MAX_KEY)
      if (key !== '') asks.push({ limit, zone: limit.shared, key, most: limit.most })
    }
    if (asks.length === 0) return NEXT
    const refused = this.#zones.enter(asks)
    return typeof refused === 'number'
      ? this.#decide(request, asks, refused)
      : refused.then((late) => this.#decide(request, asks, late))
  }

  #note(request: Request, zone: string, result: string): void {
    this.#setStatus(request, result)
    request.connection.server.figures.countLimit('portico_limit_connections_total', zone, result)
  }

  #decide(request: Request, asks: readonly CountQuestion[], refused: number): Outcome {
    const refuser = asks[refused]
    if (refuser) {
      const text = `limiting connections${this.#dry ? ', dry run,' : ''} by zone "${refuser.limit.zone}"`
      request.location.settings.errorLog.request(this.#level, request, text)
      this.#note(request, refuser.limit.zone, this.#dry ? 'REJECTED_DRY_RUN' : 'REJECTED')
      return this.#dry ? NEXT : this.#refusal
    }
    for (const { limit } of asks) this.#note(request, limit.zone, 'PASSED')
    // The client may have left while the answer was on its way.
    if (request.finished) this.#zones.leave(asks)
    else request.onceOver(() => this.#zones.leave(asks))
    return NEXT
  }
}

const compile: CompileHandler = (scope, context) => {
  const limits = compileLimits(scope, context)
  if (limits.length === 0) return undefined
  const limiter = new ConnectionLimiter(limits, scope, context)
  return (request) => limiter.handle(request)
}

export const limitConnModule: FrontModule = {
  name: 'limit_conn',
  directives: [limitConnZone, limitConn, status, logLevel, dryRun],
  declare: (http, context) => {
    context.variables.setter(NAME)
    checkZones(http, limitConnZone, context)
    return undefined
  },
  phases: { preaccess: compile },
}
