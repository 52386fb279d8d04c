/** `limit_rate` and `limit_rate_after`: how fast a response may be sent (the last of the body filters). */
import type { Context } from '../../config/directive.ts'
import { complexSizeRow } from '../../config/rows.ts'
import type { CompileContext, FrontModule } from '../front-module.ts'
import type { ResponseFilter } from '../response-output.ts'
import { PaceSink, sizeOf } from '../pace-sink.ts'
import type { Scope } from '../../config/scope.ts'
import type { Value } from '../value.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'location if']

const limitRate = complexSizeRow<undefined>({
  name: 'limit_rate',
  contexts: CONTEXTS,
  default: undefined,
  defaultText: '0',
  doc: 'Bytes per second of one response; 0 for no limit.',
})
export const limitRateAfter = complexSizeRow<undefined>({
  name: 'limit_rate_after',
  contexts: CONTEXTS,
  default: undefined,
  defaultText: '0',
  doc: 'Bytes that are sent before the limit holds.',
})

function compileFilter(scope: Scope, context: CompileContext): ResponseFilter | undefined {
  const rate = rateValue(scope, context, limitRate)
  if (!rate) return undefined
  const after = rateValue(scope, context, limitRateAfter)
  return (request) => {
    if (request.parent) return undefined
    if (request.limitRate >= 0) return undefined // set otherwise: the response writer sees to it
    const bytes = sizeOf(rate, request)
    if (bytes === 0) return undefined
    const free = sizeOf(after, request)
    return (next) => new PaceSink(request, bytes, free, next)
  }
}

export function rateValue(scope: Scope, context: CompileContext, row: typeof limitRate): Value | undefined {
  const bound = scope.find(row)
  const value = scope.get(row)
  return bound && value && context.value(value, bound.statement)
}

export const limitRateModule: FrontModule = {
  name: 'limit_rate',
  directives: [limitRate, limitRateAfter],
  filter: compileFilter,
}
