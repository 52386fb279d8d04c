/** `stub_status`: a few figures of all workers, as text; and `metrics`, all of them for Prometheus. */
import type { Context, Directive } from '../../config/directive.ts'
import { metricsText } from '../figures/metrics-text.ts'
import type { CollectedFigures } from '../figures/all-figures.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { DONE, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { sendText } from '../response.ts'
import type { VariableRow } from '../variable-table.ts'

const CONTEXTS: readonly Context[] = ['server', 'location']

const stubStatus: Directive<boolean> = {
  kind: 'single',
  name: 'stub_status',
  contexts: CONTEXTS,
  args: [0, 1],
  syntax: '',
  default: false,
  defaultText: '',
  inherit: false,
  doc: 'Answers with connections and requests of all workers, as text.',
  parse: () => true,
  merge: () => true,
}

const metrics: Directive<boolean> = {
  kind: 'single',
  name: 'metrics',
  contexts: CONTEXTS,
  args: 0,
  syntax: '',
  default: false,
  defaultText: '',
  inherit: false,
  doc: 'Answers with all figures of all workers in the Prometheus text format 0.0.4: connections, requests by location and class of status, durations, bytes, upstream peers, limits, workers.',
  parse: () => true,
}

function stubText({ counters, gauges }: CollectedFigures): string {
  const counter = (name: string): number => counters[`portico_${name}_total`] ?? 0
  const gauge = (name: string): number => gauges[`portico_connections_${name}`] ?? 0
  const totals = ['connections_accepted', 'connections_handled', 'requests'].map(counter).join(' ')
  return (
    `Active connections: ${gauge('active')} \n` +
    `server accepts handled requests\n ${totals} \n` +
    `Reading: ${gauge('reading')} Writing: ${gauge('writing')} Waiting: ${gauge('waiting')} \n`
  )
}

async function answer(
  request: Request,
  type: string,
  text: (figures: CollectedFigures) => string,
): Promise<Outcome> {
  const figures = await request.connection.server.all.collect()
  if (request.finished) return DONE
  request.status = 200
  request.contentType = type
  sendText(request, text(figures))
  return DONE
}

const handler: CompileHandler = (scope) => {
  const shown = scope.own(stubStatus)
    ? (['text/plain', stubText] as const)
    : scope.own(metrics)
      ? (['text/plain; version=0.0.4; charset=utf-8', allText] as const)
      : undefined
  if (!shown) return undefined
  const [type, text] = shown
  return (request) =>
    request.method === 'GET' || request.method === 'HEAD' ? answer(request, type, text) : 405
}

function allText({ counters, gauges }: CollectedFigures): string {
  return metricsText(counters, gauges)
}

const variables = ['active', 'reading', 'writing', 'waiting'].map((state): VariableRow => {
  const name = `portico_connections_${state}`
  return { name: `connections_${state}`, get: (request) => String(request.connection.server.all.gauge(name)) }
})

export const stubStatusModule: FrontModule = {
  name: 'stub_status',
  directives: [stubStatus, metrics],
  declare: (_http, context) => {
    context.variables.define(variables)
    return undefined
  },
  exclusiveContent: handler,
}
