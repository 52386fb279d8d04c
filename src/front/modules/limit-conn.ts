/** `limit_conn`: how many requests with one key may be under way (preaccess phase). */
import { parseComplexValue } from '../../config/complex-value.ts'
import type { ListDirective } from '../../config/directive.ts'
import { LIMIT_CONTEXTS, LimitRules, type LimitPolicy } from '../limit-policy.ts'
import {
  checkZones,
  compileLimits,
  limitKey,
  parseZone,
  type LimitKey,
  type LimitZoneRow,
} from '../limit-zone.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { CountAsk, CountZone } from '../zones/count-table.ts'
import type { Zones } from '../zones/zones.ts'

const limitConnZone: ListDirective<LimitZoneRow> = {
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
  contexts: LIMIT_CONTEXTS,
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

const rules = new LimitRules('limit_conn', 'portico_limit_connections_total', {
  level: 'Level of lines about refusals.',
  dry: 'Whether requests are only counted, not refused.',
})

/** Longest key that is counted, bytes. */
const MAX_KEY = 255

interface Limit extends LimitRow, LimitKey {
  readonly shared: CountZone
}

interface CountQuestion extends CountAsk {
  readonly limit: Limit
}

/** What a scope does with requests above its limits. */
class ConnectionLimiter {
  readonly #limits: readonly Limit[]
  readonly #zones: Zones
  readonly #policy: LimitPolicy

  constructor(limits: readonly Limit[], zones: Zones, policy: LimitPolicy) {
    this.#limits = limits
    this.#zones = zones
    this.#policy = policy
  }

  handle(request: Request): Outcome | Promise<Outcome> {
    if (this.#policy.passesBy(request)) return NEXT
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

  #decide(request: Request, asks: readonly CountQuestion[], refused: number): Outcome {
    const refuser = asks[refused]
    if (refuser) {
      const { zone } = refuser.limit
      const mode = this.#policy.dry ? ', dry run,' : ''
      return this.#policy.refuse(request, zone, `limiting connections${mode} by zone "${zone}"`)
    }
    for (const { limit } of asks) this.#policy.pass(request, limit.zone)
    let main = request // a subrequest counts as long as the request that it was made for, as in nginx
    while (main.parent) main = main.parent
    // The client may have left while the answer was on its way.
    if (main.finished) this.#zones.leave(asks)
    else main.onceOver(() => this.#zones.leave(asks))
    return NEXT
  }
}

const compile: CompileHandler = (scope, context) => {
  const limits = compileLimits(
    scope,
    { limit: limitConn, zone: limitConnZone },
    context,
    ({ name, bytes }) => ({
      shared: context.zones.counts(name, bytes),
    }),
  )
  if (limits.length === 0) return undefined
  const limiter = new ConnectionLimiter(limits, context.zones, rules.compile(scope, context))
  return (request) => limiter.handle(request)
}

export const limitConnModule: FrontModule = {
  name: 'limit_conn',
  directives: [limitConnZone, limitConn, ...rules.directives],
  declare: (http, context) => {
    context.variables.setter(rules.variable)
    checkZones(http, limitConnZone, context)
    return undefined
  },
  phases: { preaccess: compile },
}
