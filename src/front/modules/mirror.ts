/** `mirror` (precontent phase): requests that are made elsewhere too, and what is answered there dropped. */
import type { Context, ListDirective } from '../../config/directive.ts'
import { flagRow } from '../../config/rows.ts'
import type { FrontModule } from '../front-module.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import { RequestBody } from '../request-body.ts'
import type { Request } from '../request.ts'
import { runSubrequest } from '../subrequest.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const mirror: ListDirective<string | undefined> = {
  kind: 'list',
  name: 'mirror',
  contexts: CONTEXTS,
  args: 1,
  syntax: 'uri | off',
  doc: 'Path that requests are made to besides; the answer is dropped.',
  parse: ([word]) => (word?.text === 'off' ? undefined : word?.text),
}
const requestBody = flagRow({
  name: 'mirror_request_body',
  contexts: CONTEXTS,
  default: true,
  doc: 'Whether the body goes along; it is read whole before.',
})

/** The status to finish with when the body does not come. */
function readBody(request: Request): Outcome | Promise<Outcome> {
  if (request.head.framing.kind === 'none' || request.body?.complete || request.bodyRefused) return NEXT
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  request.body = new RequestBody(request)
  request.body.read((status) => resolve(status === 0 ? NEXT : status))
  return promise
}

function mirrorTo(request: Request, targets: readonly string[], withBody: boolean): Outcome {
  for (const uri of targets) {
    const made = runSubrequest(request, uri, request.args, ignore, { method: request.method, withBody })
    if (!made) return 500
  }
  return NEXT
}

const ignore = (): void => undefined

export const mirrorModule: FrontModule = {
  name: 'mirror',
  directives: [mirror, requestBody],
  phases: {
    precontent: (scope, context) => {
      const bounds = scope.findList(mirror)
      const targets = bounds.flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
      const [, second] = bounds
      if (second && targets.length < bounds.length)
        context.fail('"mirror" directive is duplicate', second.statement)
      if (targets.length === 0) return undefined
      const withBody = scope.get(requestBody)
      return (request) => {
        if (request.parent) return NEXT
        const read = withBody ? readBody(request) : NEXT
        if (typeof read === 'number') return mirrorTo(request, targets, withBody)
        return read.then((status) => (status === NEXT ? mirrorTo(request, targets, withBody) : status))
      }
    },
  },
}
