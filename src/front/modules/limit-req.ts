/** `limit_req`: how many requests with one key may come in a time, by a leaky bucket (preaccess phase). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, ListDirective } from '../../config/directive.ts'
import { choiceRow, flagRow, numberRow } from '../../config/rows.ts'
import { monotonicMs } from '../../io/clock.ts'
import { delay as wait } from '../../io/delay.ts'
import { LIMIT_LOG_LEVELS, LimitZone, parseZone, type ZoneName } from '../limit-zone.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT } from '../outcome.ts'
import type { Value } from '../value.ts'

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
  doc: 'Rates by key for limit_req: rate=10r/s or rate=30r/m. Each worker has its own.',
  parse: ([key, ...options], at) => {
    let zone: ZoneName | undefined
    let rate = 0
    for (const option of options) {
      const match = /^rate=([0-9]+)r\/([sm])$/.exec(option.text)
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

interface Bucket {
  /** Thousandths of a request above the rate. */
  excess: number
  lastMs: number
}

interface Limit extends LimitRow {
  readonly rate: number
  readonly key: Value
  readonly buckets: LimitZone<Bucket>
}

const zones = new WeakMap<ZoneRow, LimitZone<Bucket>>()

/** The excess that this request makes; over the burst when it is too much, which is not counted. */
function take({ buckets, burst, rate }: Limit, key: string, now: number): number {
  const bucket = buckets.get(key)
  if (!bucket) {
    buckets.set(key, { excess: 0, lastMs: now })
    return 0
  }
  const excess = Math.max(0, bucket.excess - Math.floor((rate * (now - bucket.lastMs)) / 1000) + 1000)
  if (excess > burst) return excess
  bucket.excess = excess
  bucket.lastMs = now
  return excess
}

/** Gives back what a request took that another zone then refused. */
function giveBack({ buckets }: Limit, key: string): void {
  const bucket = buckets.get(key)
  if (bucket) bucket.excess = Math.max(0, bucket.excess - 1000)
}

const shown = (excess: number): string =>
  `${Math.floor(excess / 1000)}.${String(excess % 1000).padStart(3, '0')}`

const compile: CompileHandler = (scope, context) => {
  const bounds = scope.findList(limitReq)
  if (bounds.length === 0) return undefined
  const limits = bounds.map((bound): Limit => {
    const row = bound.value as LimitRow
    const zone = scope.findList(limitReqZone).find(({ value }) => (value as ZoneRow).name === row.zone)
    if (!zone) return context.fail(`zero size shared memory zone "${row.zone}"`, bound.statement)
    const zoneRow = zone.value as ZoneRow
    const buckets = zones.get(zoneRow) ?? new LimitZone<Bucket>(zoneRow.bytes)
    zones.set(zoneRow, buckets)
    return { ...row, rate: zoneRow.rate, key: context.value(zoneRow.key, zone.statement), buckets }
  })
  const refusal = scope.get(status)
  const level = scope.get(logLevel)
  const dry = scope.get(dryRun)
  const dryText = dry ? ', dry run' : ''
  const setStatus = context.variables.setter(NAME)
  const slot = context.variables.slot(NAME)
  return (request) => {
    if (request.parent || request.slots?.[slot] !== undefined) return NEXT
    const { errorLog } = request.location.settings
    const now = Math.floor(monotonicMs())
    const taken: (readonly [Limit, string])[] = []
    let delayMs = 0
    let delayed: { readonly excess: number; readonly zone: string } | undefined
    for (const limit of limits) {
      const key = limit.key.evaluate(request)
      if (key === '') continue
      const excess = take(limit, key, now)
      if (excess > limit.burst) {
        for (const [other, otherKey] of taken) giveBack(other, otherKey)
        errorLog.request(
          level,
          request,
          `limiting requests${dryText}, excess: ${shown(excess)} by zone "${limit.zone}"`,
        )
        setStatus(request, dry ? 'REJECTED_DRY_RUN' : 'REJECTED')
        return dry ? NEXT : refusal
      }
      taken.push([limit, key])
      const ms = excess <= limit.delay ? 0 : Math.floor(((excess - limit.delay) * 1000) / limit.rate)
      if (ms > delayMs) {
        delayMs = ms
        delayed = { excess, zone: limit.zone }
      }
    }
    if (taken.length === 0) return NEXT
    if (!delayed) {
      setStatus(request, 'PASSED')
      return NEXT
    }
    const text = `delaying request${dryText}, excess: ${shown(delayed.excess)}, by zone "${delayed.zone}"`
    errorLog.request(LOWER[level], request, text)
    setStatus(request, dry ? 'DELAYED_DRY_RUN' : 'DELAYED')
    return dry ? NEXT : wait(delayMs).then(() => NEXT)
  }
}

export const limitReqModule: FrontModule = {
  name: 'limit_req',
  directives: [limitReqZone, limitReq, status, logLevel, dryRun],
  declare: (_http, { variables }) => {
    variables.setter(NAME)
    return undefined
  },
  phases: { preaccess: compile },
}
