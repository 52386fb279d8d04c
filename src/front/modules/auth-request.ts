/** `auth_request` (access phase): another location of the server decides, by the status it answers a subrequest with. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, Directive, ListDirective } from '../../config/directive.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { ALLOWED, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { runSubrequest } from '../subrequest.ts'
import type { VariableSetter } from '../variable-table.ts'
import type { Value } from '../value.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const authRequest: Directive<string | undefined> = {
  kind: 'single',
  name: 'auth_request',
  contexts: CONTEXTS,
  args: 1,
  syntax: 'uri | off',
  default: undefined,
  defaultText: 'off',
  doc: 'Lets a request in when a subrequest to the path answers 2xx, refuses it with 401 or 403 when that does.',
  parse: ([word]) => (word?.text === 'off' ? undefined : word?.text),
}

interface Assignment {
  readonly name: string
  readonly value: ComplexValue
}

const authRequestSet: ListDirective<Assignment> = {
  kind: 'list',
  name: 'auth_request_set',
  contexts: CONTEXTS,
  args: 2,
  syntax: '$variable value',
  doc: 'Gives a variable a value when the subrequest is over; its answer is what variables of the response speak of.',
  parse: ([name, value], at) => {
    const text = name?.text ?? ''
    if (!text.startsWith('$') || text === '$') at.fail(`invalid variable name "${text}"`)
    return { name: text.slice(1).toLowerCase(), value: parseComplexValue(value?.text ?? '') }
  },
}

interface CompiledAssignment {
  readonly set: VariableSetter
  readonly value: Value
}

const compile: CompileHandler = (scope, context) => {
  const uri = scope.get(authRequest)
  if (uri === undefined) return undefined
  const assignments = scope.findList(authRequestSet).map((bound): CompiledAssignment => {
    const { name, value } = bound.value as Assignment
    return { set: context.variables.setter(name), value: context.value(value, bound.statement) }
  })
  return (request) =>
    new Promise<Outcome>((resolve) => {
      const asked = runSubrequest(request, uri, '', (answer) => {
        for (const { set, value } of assignments) set(request, value.evaluate(answer))
        resolve(verdict(request, answer))
      })
      if (!asked) resolve(500)
    })
}

function verdict(request: Request, answer: Request): Outcome {
  const { status } = answer
  if (status >= 200 && status < 300) return ALLOWED
  if (status === 403) return 403
  if (status === 401) {
    copyChallenges(answer, request)
    return 401
  }
  request.location.settings.errorLog.request('error', request, `auth request unexpected status: ${status}`)
  return 500
}

/** Every WWW-Authenticate of the answer: they are choices, not one value. */
function copyChallenges(from: Request, to: Request): void {
  const { extraHeaders } = from
  for (let index = 0; index + 1 < extraHeaders.length; index += 2) {
    if (extraHeaders[index]?.toLowerCase() === 'www-authenticate')
      to.addHeader('WWW-Authenticate', extraHeaders[index + 1] ?? '')
  }
}

export const authRequestModule: FrontModule = {
  name: 'auth_request',
  directives: [authRequest, authRequestSet],
  declare: (http, context) => {
    const visit = (scope: typeof http): void => {
      for (const bound of scope.bound) {
        if (bound.directive === authRequestSet) {
          const { name } = bound.value as Assignment
          if (context.variables.isBuiltin(name))
            context.fail(`the duplicate "${name}" variable`, bound.statement)
          context.variables.setter(name)
        }
        if (bound.scope) visit(bound.scope)
      }
    }
    visit(http)
    return undefined
  },
  phases: { access: compile },
}
