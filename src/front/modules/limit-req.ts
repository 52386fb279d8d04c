/** `limit_req`: how many requests with one key may come in a time, by a leaky bucket (preaccess phase). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, ListDirective } from '../../config/directive.ts'
import { choiceRow, flagRow, numberRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { delay as wait } from '../../io/delay.ts'
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
import type { RateAsk, RateZone, Taken } from '../zones/rate-table.ts'
import type { Zones } from '../zones/zones.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

interface ZoneRow extends ZoneName {
  readonly key: ComplexValue
  /** Thousandths of a request per second. */
  readonly rate: number
}

const limitReqZone: ListDirective<ZoneRow> = {
  kind: 'list',
  name: 'limit_req_zone',
  contexts: ['http'],
  args: 3,
  syntax: 'key zone=name:size rate=rate',
  doc: 'Rates by key for limit_req, for all workers together: rate=10r/s or rate=30r/m; a number alone is per second.',
  parse: ([key, ...options], at) => {
    let zone: ZoneName | undefined
    let rate = 0
    for (const option of options) {
      const match = /^rate=([0-9]+)(?:r\/([sm]))?$/.exec(option.text)
      if (option.text.startsWith('zone=')) zone = parseZone(option, at)
      else if (match && Number(match[1]) > 0) rate = (Number(match[1]) * 1000) / (match[2] === 'm' ? 60 : 1)
      else if (option.text.startsWith('rate=')) at.fail(`invalid rate "${option.text}"`)
      else at.fail(`invalid parameter "${option.text}"`)
    }
    if (!zone) return at.fail('"limit_req_zone" must have "zone" parameter')
    return { key: parseComplexValue(key?.text ?? ''), ...zone, rate: Math.floor(rate) || 1000 }
  },
}

interface LimitRow {
  readonly zone: string
  /** Both in thousandths of a request. */
  readonly burst: number
  readonly delay: number
}

const limitReq: ListDirective<LimitRow> = {
  kind: 'list',
  name: 'limit_req',
  contexts: CONTEXTS,
  args: [1, 2, 3],
  syntax: 'zone=name [burst=number] [nodelay | delay=number]',
  doc: 'Delays requests above the rate of the zone, and refuses those above the burst.',
  parse: (args, at) => {
    let zone = ''
    let burst = 0
    let delay = 0
    for (const { text } of args) {
      const number = /^(burst|delay)=([0-9]+)$/.exec(text)
      if (text.startsWith('zone=')) zone = text.slice(5)
      else if (text === 'nodelay') delay = Infinity
      else if (number?.[1] === 'burst' && Number(number[2]) > 0) burst = Number(number[2])
      else if (number?.[1] === 'delay' && Number(number[2]) > 0) delay = Number(number[2])
      else if (text.startsWith('burst=')) at.fail(`invalid burst value "${text}"`)
      else if (text.startsWith('delay=')) at.fail(`invalid delay value "${text}"`)
      else at.fail(`invalid parameter "${text}"`)
    }
    if (zone === '') at.fail('"limit_req" must have "zone" parameter')
    return { zone, burst: burst * 1000, delay: delay * 1000 }
  },
}

const status = numberRow(
  { name: 'limit_req_status', contexts: CONTEXTS, default: 503, doc: 'Status of refused requests.' },
  { min: 400, max: 599 },
)
const logLevel = choiceRow(
  {
    name: 'limit_req_log_level',
    contexts: CONTEXTS,
    default: 'error',
    doc: 'Level of lines about refusals; delays are logged one level lower.',
  },
  LIMIT_LOG_LEVELS,
)
const dryRun = flagRow({
  name: 'limit_req_dry_run',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether requests are only counted, not delayed and refused.',
})

const NAME = 'limit_req_status'
const LOWER = { info: 'debug', notice: 'info', warn: 'notice', error: 'warn' } as const

/** Longest key that is counted, bytes. */
const MAX_KEY = 65_535

interface Limit extends LimitRow, LimitKey {
  readonly rate: number
  readonly shared: RateZone
}

interface RateQuestion extends RateAsk {
  readonly limit: Limit
}

const shown = (excess: number): string =>
  `${Math.floor(excess / 1000)}.${String(excess % 1000).padStart(3, '0')}`

function compileLimits(scope: Scope, context: CompileContext): Limit[] {
  const zones = scope.list(limitReqZone)
  return limitsOf(scope, limitReq, context).map(({ row, statement }) => {
    const zone = zones.find(({ name }) => name === row.zone)
    if (!zone) return context.fail(`zero size shared memory zone "${row.zone}"`, statement)
    const shared = context.zones.rates(zone.name, zone.bytes)
    return {
      ...row,
      rate: zone.rate,
      keySource: zone.key.source,
      key: context.value(zone.key, statement),
      shared,
    }
  })
}

/** What a scope does with requests above its limits. */
class RateLimiter {
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
    const asks: RateQuestion[] = []
    for (const limit of this.#limits) {
      const key = limitKey(limit, request, MAX_KEY)
      if (key !== '') asks.push({ limit, zone: limit.shared, key, rate: limit.rate, burst: limit.burst })
    }
    if (asks.length === 0) return NEXT
    const taken = this.#zones.take(asks)
    return 'then' in taken
      ? taken.then((late) => this.#decide(request, asks, late))
      : this.#decide(request, asks, taken)
  }

  #note(request: Request, zone: string, result: string): void {
    this.#setStatus(request, result)
    request.connection.server.figures.countLimit('portico_limit_requests_total', zone, result)
  }

  #decide(request: Request, asks: readonly RateQuestion[], taken: Taken): Outcome | Promise<Outcome> {
    const refuser = asks[taken.refused]
    if (refuser) return this.#refuse(request, refuser.limit, taken.excess[taken.refused] ?? 0)
    let delayMs = 0
    let slowest: RateQuestion | undefined
    let slowestExcess = 0
    for (const [index, ask] of asks.entries()) {
      const excess = taken.excess[index] ?? 0
      const { delay, rate } = ask.limit
      const ms = excess <= delay ? 0 : Math.floor(((excess - delay) * 1000) / rate)
      if (ms <= delayMs) continue
      delayMs = ms
      slowest = ask
      slowestExcess = excess
    }
    if (slowest) return this.#delay(request, slowest.limit, slowestExcess, delayMs)
    for (const { limit } of asks) this.#note(request, limit.zone, 'PASSED')
    return NEXT
  }

  #refuse(request: Request, limit: Limit, excess: number): Outcome {
    const text = `limiting requests${this.#mode}, excess: ${shown(excess)} by zone "${limit.zone}"`
    request.location.settings.errorLog.request(this.#level, request, text)
    this.#note(request, limit.zone, this.#dry ? 'REJECTED_DRY_RUN' : 'REJECTED')
    return this.#dry ? NEXT : this.#refusal
  }

  #delay(request: Request, limit: Limit, excess: number, delayMs: number): Outcome | Promise<Outcome> {
    const text = `delaying request${this.#mode}, excess: ${shown(excess)}, by zone "${limit.zone}"`
    request.location.settings.errorLog.request(LOWER[this.#level], request, text)
    this.#note(request, limit.zone, this.#dry ? 'DELAYED_DRY_RUN' : 'DELAYED')
    return this.#dry ? NEXT : wait(delayMs).then(() => NEXT)
  }

  get #mode(): string {
    return this.#dry ? ', dry run' : ''
  }
}

const compile: CompileHandler = (scope, context) => {
  const limits = compileLimits(scope, context)
  if (limits.length === 0) return undefined
  const limiter = new RateLimiter(limits, scope, context)
  return (request) => limiter.handle(request)
}

export const limitReqModule: FrontModule = {
  name: 'limit_req',
  directives: [limitReqZone, limitReq, status, logLevel, dryRun],
  declare: (http, context) => {
    context.variables.setter(NAME)
    checkZones(http, limitReqZone, context)
    return undefined
  },
  phases: { preaccess: compile },
}
