/** 103 of an upstream for the client (RFC 8297): the fields that a client may act on before the answer. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective } from '../../config/directive.ts'
import type { Scope } from '../../config/scope.ts'
import { hopByHopNames } from '../../http/connection.ts'
import type { HeaderTable } from '../../http/header-table.ts'
import { encodeHeaderLine } from '../../protocol/http1/header-lines.ts'
import { statusLine } from '../../protocol/http1/response-encoder.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

export const earlyHints: ListDirective<readonly ComplexValue[]> = {
  kind: 'list',
  contexts: ['http', 'server', 'location'],
  name: 'early_hints',
  args: { min: 1 },
  syntax: 'string ...',
  doc: 'Whether 103 responses of what proxy_pass asks over HTTP, or app_pass, go to the client: when every string is neither empty nor 0.',
  parse: (args) => args.map(({ text }) => parseComplexValue(text)),
}

/** Undefined where they never go to clients. */
export function hintsCondition(
  scope: Scope,
  context: CompileContext,
): ((request: Request) => boolean) | undefined {
  const [bound] = scope.findList(earlyHints)
  if (!bound) return undefined
  const values = (bound.value as readonly ComplexValue[]).map((value) =>
    context.value(value, bound.statement),
  )
  return (request) =>
    values.every((value) => {
      const text = value.evaluate(request)
      return text !== '' && text !== '0'
    })
}

/** Nothing goes to a client of HTTP/1.0, which knows no interim responses, and nothing once the answer has begun. */
export function sendEarlyHints(request: Request, headers: HeaderTable, settings: UpstreamSettings): void {
  if (request.head.version !== 11 || request.headSent || request.parent) return
  const hop = hopByHopNames(headers)
  let text = statusLine(103)
  headers.names.forEach((name, index) => {
    if (hop.has(name) || settings.hiddenHeaders.has(name) || name === 'content-length') return
    text += encodeHeaderLine(headers.rawNames[index] ?? name, headers.values[index] ?? '')
  })
  request.connection.io.write(`${text}\r\n`)
}
