/** `limit_req`: how many requests with one key may come in a time, by a leaky bucket (preaccess phase). */
import { parseComplexValue } from '../../config/complex-value.ts'
import type { ListDirective } from '../../config/directive.ts'
import { delay as wait } from '../../io/delay.ts'
import { LIMIT_CONTEXTS, LimitRules, type LimitPolicy } from '../limit-policy.ts'
import {
  checkZones,
  compileLimits,
  limitKey,
  parseZone,
  type LimitKey,
  type LimitZoneRow,
  type ZoneName,
} from '../limit-zone.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT, STATUS_CLIENT_CLOSED, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { RateAsk, RateZone, Taken } from '../zones/rate-table.ts'
import type { Zones } from '../zones/zones.ts'

interface ZoneRow extends LimitZoneRow {
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
  contexts: LIMIT_CONTEXTS,
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

const rules = new LimitRules('limit_req', 'portico_limit_requests_total', {
  level: 'Level of lines about refusals; delays are logged one level lower.',
  dry: 'Whether requests are only counted, not delayed and refused.',
})

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

/** Nobody is there for an answer any more when the client has left, with nothing behind its request (as nginx). */
function afterDelay(request: Request): Outcome {
  const { connection } = request
  if (request.finished || !connection.hasEnded || connection.decoder.buffered > 0) return NEXT
  request.location.settings.errorLog.request('info', request, 'client prematurely closed connection')
  return STATUS_CLIENT_CLOSED
}

/** What a scope does with requests above its limits. */
class RateLimiter {
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
    for (const { limit } of asks) this.#policy.pass(request, limit.zone)
    return NEXT
  }

  #refuse(request: Request, { zone }: Limit, excess: number): Outcome {
    const text = `limiting requests${this.#mode}, excess: ${shown(excess)} by zone "${zone}"`
    return this.#policy.refuse(request, zone, text)
  }

  #delay(request: Request, { zone }: Limit, excess: number, delayMs: number): Outcome | Promise<Outcome> {
    const text = `delaying request${this.#mode}, excess: ${shown(excess)}, by zone "${zone}"`
    this.#policy.delay(request, zone, text)
    return this.#policy.dry ? NEXT : wait(delayMs).then(() => afterDelay(request))
  }

  get #mode(): string {
    return this.#policy.dry ? ', dry run' : ''
  }
}

const compile: CompileHandler = (scope, context) => {
  const limits = compileLimits(
    scope,
    { limit: limitReq, zone: limitReqZone },
    context,
    ({ name, bytes, rate }) => ({
      rate,
      shared: context.zones.rates(name, bytes),
    }),
  )
  if (limits.length === 0) return undefined
  const limiter = new RateLimiter(limits, context.zones, rules.compile(scope, context))
  return (request) => limiter.handle(request)
}

export const limitReqModule: FrontModule = {
  name: 'limit_req',
  directives: [limitReqZone, limitReq, ...rules.directives],
  declare: (http, context) => {
    context.variables.setter(rules.variable)
    checkZones(http, limitReqZone, context)
    return undefined
  },
  phases: { preaccess: compile },
}
