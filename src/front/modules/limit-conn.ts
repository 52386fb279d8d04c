/** `limit_conn`: how many requests with one key may be under way (preaccess phase). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, ListDirective } from '../../config/directive.ts'
import { choiceRow, flagRow, numberRow } from '../../config/rows.ts'
import { LIMIT_LOG_LEVELS, LimitZone, parseZone, type ZoneName } from '../limit-zone.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT } from '../outcome.ts'
import type { Value } from '../value.ts'
import type { VariableSetter } from '../variable-table.ts'

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
  doc: 'Counters by key for limit_conn. Each worker has its own.',
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

interface Limit extends LimitRow {
  readonly key: Value
  readonly counts: LimitZone<number>
}

const zones = new WeakMap<ZoneRow, LimitZone<number>>()

const compile: CompileHandler = (scope, context) => {
  const bounds = scope.findList(limitConn)
  if (bounds.length === 0) return undefined
  const limits = bounds.map((bound): Limit => {
    const row = bound.value as LimitRow
    const zone = scope.findList(limitConnZone).find(({ value }) => (value as ZoneRow).name === row.zone)
    if (!zone) return context.fail(`unknown limit_conn_zone "${row.zone}"`, bound.statement)
    const zoneRow = zone.value as ZoneRow
    const counts = zones.get(zoneRow) ?? new LimitZone<number>(zoneRow.bytes)
    zones.set(zoneRow, counts)
    return { ...row, key: context.value(zoneRow.key, zone.statement), counts }
  })
  const refusal = scope.get(status)
  const level = scope.get(logLevel)
  const dry = scope.get(dryRun)
  const setStatus: VariableSetter = context.variables.setter(NAME)
  const slot = context.variables.slot(NAME)
  return (request) => {
    if (request.parent || request.slots?.[slot] !== undefined) return NEXT
    for (const { key, counts, most, zone } of limits) {
      const text = key.evaluate(request)
      if (text === '') continue
      const count = counts.get(text) ?? 0
      if (count >= most || (count === 0 && counts.full)) {
        const { errorLog } = request.location.settings
        errorLog.request(level, request, `limiting connections${dry ? ', dry run,' : ''} by zone "${zone}"`)
        setStatus(request, dry ? 'REJECTED_DRY_RUN' : 'REJECTED')
        return dry ? NEXT : refusal
      }
      counts.set(text, count + 1)
      setStatus(request, 'PASSED')
      request.onceOver(() => leave(counts, text))
    }
    return NEXT
  }
}

function leave(counts: LimitZone<number>, key: string): void {
  const count = counts.get(key) ?? 1
  if (count <= 1) counts.delete(key)
  else counts.set(key, count - 1)
}

export const limitConnModule: FrontModule = {
  name: 'limit_conn',
  directives: [limitConnZone, limitConn, status, logLevel, dryRun],
  declare: (_http, { variables }) => {
    variables.setter(NAME)
    return undefined
  },
  phases: { preaccess: compile },
}
