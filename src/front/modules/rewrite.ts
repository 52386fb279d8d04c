/** `return`, `rewrite`, `set`, `break` (server-rewrite and rewrite phases), carried out in the order they stand. */
import type { Statement } from '../../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { BlockDirective, Context, ListDirective } from '../../config/directive.ts'
import { Pcre } from '../../config/pcre.ts'
import { flagRow } from '../../config/rows.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { escapeUri, type UriPart } from '../../http/escape-uri.ts'
import { CapturingPattern, namedGroups } from '../captures.ts'
import { parseCondition, type Condition, type FileTest } from '../condition.ts'
import type { CompileContext, CompileHandler, FrontModule, LocationShape } from '../front-module.ts'
import { lookUpFile } from '../look-up-file.ts'
import { mimeType } from '../mime-types.ts'
import { DONE, NEXT, type Outcome } from '../outcome.ts'
import { redirectTo } from '../redirect.ts'
import type { Request } from '../request.ts'
import { sendText } from '../response.ts'

const CONTEXTS: readonly Context[] = ['server', 'location', 'server if', 'location if']

interface Return {
  readonly status: number
  readonly text: ComplexValue | undefined
}

const returnRow: ListDirective<Return> = {
  kind: 'list',
  name: 'return',
  contexts: CONTEXTS,
  args: [1, 2],
  syntax: 'code [text] | code URL | URL',
  inherit: false,
  doc: 'Ends the request with a status and a text, or with a redirect. 444 closes the connection without an answer.',
  parse: ([first, second], at) => {
    const text = first?.text ?? ''
    if (!second && /^(https?:\/\/|\$scheme)/.test(text)) return { status: 302, text: parseComplexValue(text) }
    if (!/^\d{3}$/.test(text)) return at.fail(`invalid return code "${text}"`)
    return { status: Number(text), text: second ? parseComplexValue(second.text) : undefined }
  },
}

interface Rewrite {
  readonly regex: Pcre
  readonly replacement: ComplexValue
  readonly flag: 'last' | 'break' | 'redirect' | 'permanent' | undefined
  /** The arguments of the request follow those of the replacement, unless it ends with `?`. */
  readonly addArgs: boolean
}

const FLAGS = ['last', 'break', 'redirect', 'permanent'] as const

const rewriteRow: ListDirective<Rewrite> = {
  kind: 'list',
  name: 'rewrite',
  contexts: CONTEXTS,
  args: [2, 3],
  syntax: 'regex replacement [last | break | redirect | permanent]',
  inherit: false,
  doc: 'Replaces a path that matches. A replacement that begins with a scheme, or the flags redirect and permanent, answer with a redirect.',
  parse: ([pattern, replacement, flag], at) => {
    const known = FLAGS.find((name) => name === flag?.text)
    const text = replacement?.text ?? ''
    if (text === '') at.fail('empty replacement')
    const regex = new Pcre(pattern?.text ?? '')
    if (flag && !known) at.fail(`invalid parameter "${flag.text}"`)
    const addArgs = !text.endsWith('?')
    return { regex, replacement: parseComplexValue(addArgs ? text : text.slice(0, -1)), flag: known, addArgs }
  },
}

interface SetVariable {
  readonly name: string
  readonly value: ComplexValue
}

const setRow: ListDirective<SetVariable> = {
  kind: 'list',
  name: 'set',
  contexts: CONTEXTS,
  args: 2,
  syntax: '$variable value',
  inherit: false,
  doc: 'Gives a variable a value.',
  parse: ([name, value], at) => {
    const text = name?.text ?? ''
    if (!/^\$[A-Za-z0-9_]+$/.test(text)) return at.fail(`invalid variable name "${text}"`)
    return { name: text.slice(1).toLowerCase(), value: parseComplexValue(value?.text ?? '') }
  },
}

const breakRow: ListDirective<undefined> = {
  kind: 'list',
  name: 'break',
  contexts: CONTEXTS,
  args: 0,
  syntax: '',
  inherit: false,
  doc: 'Ends the rewrite phase.',
  parse: () => undefined,
}

const ifBlock: BlockDirective<Condition> = {
  kind: 'block',
  name: 'if',
  contexts: ['server', 'location'],
  args: { min: 1 },
  syntax: '(condition) { ... }',
  doc: 'Carries out its rewrite directives when the condition holds; in a location the settings inside then apply.',
  opens: (outer) => (outer === 'server' ? 'server if' : 'location if'),
  parse: parseCondition,
}

const rewriteLog = flagRow({
  name: 'rewrite_log',
  contexts: ['http', 'server', 'location', 'server if', 'location if'],
  default: false,
  doc: 'Logs rewrites at level notice.',
})

const uninitializedVariableWarn = flagRow({
  name: 'uninitialized_variable_warn',
  contexts: ['http', 'server', 'location', 'server if', 'location if'],
  default: true,
  doc: 'Warns of variables without a value.',
  noEffect: 'a variable without a value is empty',
})

/** What one statement does: NEXT goes on, BREAK ends the phase without looking the location up again. */
type Step = (request: Request) => Outcome
const BREAK = -1

/** Names that the conf assigns are known before any value is compiled: a value may use one set further down. */
function declare(scope: Scope, context: CompileContext): undefined {
  for (const bound of scope.bound) {
    const row: unknown = bound.directive
    try {
      if (row === setRow) declareSet((bound.value as SetVariable).name, context)
      else if (row === rewriteRow) namedGroups((bound.value as Rewrite).regex, context.variables)
      else if (row === ifBlock) {
        const condition = bound.value as Condition
        if (condition.kind === 'match') namedGroups(condition.regex, context.variables)
      }
    } catch (error) {
      context.fail(error instanceof Error ? error.message : String(error), bound.statement)
    }
    if (bound.scope) declare(bound.scope, context)
  }
}

function declareSet(name: string, { variables }: CompileContext): void {
  if (variables.isBuiltin(name)) throw new Error(`the duplicate "${name}" variable`)
  variables.setter(name)
}

const compile: CompileHandler = (scope, context, location) => {
  const run = compileSteps(scope, context, location)
  if (!run) return undefined
  return (request) => {
    const outcome = run(request)
    return outcome === BREAK ? NEXT : outcome
  }
}

/** All rewrite statements of a block, in their order. */
function compileSteps(scope: Scope, context: CompileContext, location: LocationShape): Step | undefined {
  const { observer } = context
  const steps = scope.bound.flatMap((bound) => {
    const step = compileStep(bound, scope, context, location)
    return step ? [observer?.step(step, bound.statement) ?? step] : []
  })
  if (steps.length === 0) return undefined
  return (request) => {
    for (const step of steps) {
      const outcome = step(request)
      if (outcome !== NEXT) return outcome
    }
    return NEXT
  }
}

function compileStep(
  bound: BoundStatement,
  scope: Scope,
  context: CompileContext,
  location: LocationShape,
): Step | undefined {
  const row: unknown = bound.directive
  if (row === returnRow) return compileReturn(bound, context)
  if (row === rewriteRow) return compileRewrite(bound, context, scope.get(rewriteLog))
  if (row === setRow) return compileSet(bound, context)
  if (row === breakRow) return stopRewriting
  if (row === ifBlock && bound.scope) return compileIf(bound, bound.scope, context, location)
  return undefined
}

const stopRewriting: Step = (request) => {
  if (request.uriChanged) request.pathReplaced = true
  request.uriChanged = false
  return BREAK
}

function compileReturn(bound: BoundStatement, context: CompileContext): Step {
  const { status, text } = bound.value as Return
  if (!text && status >= 400) return () => status
  const value = context.value(text ?? '', bound.statement)
  if (status === 301 || status === 302 || status === 303 || status === 307 || status === 308) {
    return (request) => redirectTo(request, status, value.evaluate(request))
  }
  return (request) => {
    request.status = status
    request.contentType ??= mimeType(request.location.settings, request.uri)
    sendText(request, value.evaluate(request))
    return DONE
  }
}

function compileSet(bound: BoundStatement, context: CompileContext): Step {
  const { name, value } = bound.value as SetVariable
  const assign = context.variables.setter(name)
  const compiled = context.value(value, bound.statement)
  return (request) => {
    assign(request, compiled.evaluate(request))
    return NEXT
  }
}

/** In a location the matching block's own location takes over; rewriting goes on behind the block all the same. */
function compileIf(
  bound: BoundStatement,
  scope: Scope,
  context: CompileContext,
  location: LocationShape,
): Step {
  const test = compileCondition(bound.value as Condition, context, bound.statement)
  const takeover = location.conditional.get(scope)
  const steps = compileSteps(scope, context, location)
  return (request) => {
    if (!test(request)) return NEXT
    if (takeover) request.location = takeover
    return steps ? steps(request) : NEXT
  }
}

type Test = (request: Request) => boolean

function compileCondition(condition: Condition, context: CompileContext, at: Statement): Test {
  switch (condition.kind) {
    case 'set': {
      const variable = context.value(condition.variable, at)
      return (request) => {
        const value = variable.evaluate(request)
        return value !== '' && value !== '0'
      }
    }
    case 'equal': {
      const variable = context.value(condition.variable, at)
      const value = context.value(condition.value, at)
      const { negative } = condition
      return (request) => (variable.evaluate(request) === value.evaluate(request)) !== negative
    }
    case 'match': {
      const variable = context.value(condition.variable, at)
      const pattern = new CapturingPattern(condition.regex, context.variables)
      const { negative } = condition
      return (request) => {
        const matched = pattern.match(request, variable.evaluate(request))
        if (!matched) request.captures = undefined
        return matched !== negative
      }
    }
    case 'file': {
      const path = context.value(condition.path, at)
      const { test, negative } = condition
      return (request) => fileIs(request, path.evaluate(request), test) !== negative
    }
  }
}

function fileIs(request: Request, path: string, test: FileTest): boolean {
  const found = lookUpFile(request, path)
  switch (test) {
    case 'f':
      return found.kind === 'file'
    case 'd':
      return found.kind === 'directory'
    case 'e':
      return found.kind === 'file' || found.kind === 'directory' || found.kind === 'other'
    case 'x':
      return found.kind === 'directory' || (found.kind === 'file' && found.executable)
  }
}

function compileRewrite(bound: BoundStatement, context: CompileContext, log: boolean): Step {
  const { regex, replacement, flag, addArgs } = bound.value as Rewrite
  const { source } = replacement
  const external = /^(https?:\/\/|\$scheme)/.test(source) || flag === 'redirect' || flag === 'permanent'
  const pattern = new CapturingPattern(regex, context.variables)
  const evaluate = compileReplacement(replacement, external, bound, context)
  return (request) => {
    const { uri } = request
    if (!pattern.match(request, uri)) {
      request.captures = undefined
      return NEXT
    }
    if (log) logRewrite(request, `"${regex.pattern}" matches "${uri}"`)
    const target = evaluate(request)
    if (external) {
      const whole = addArgs ? withArguments(target, request.args) : target
      if (log) logRewrite(request, `redirect: "${whole}"`)
      return redirectTo(request, flag === 'permanent' ? 301 : 302, whole)
    }
    const query = target.indexOf('?')
    request.uri = query < 0 ? target : target.slice(0, query)
    if (query >= 0)
      request.args = target.slice(query + 1) + (addArgs && request.args !== '' ? `&${request.args}` : '')
    else if (!addArgs) request.args = ''
    if (log) logRewrite(request, `rewritten data: "${request.uri}", args: "${request.args}"`)
    if (request.uri === '') return refuseEmpty(request)
    request.uriChanged = true
    if (flag === 'break') return stopRewriting(request)
    return flag === 'last' ? BREAK : NEXT
  }
}

/**
 * A replacement is a path, which is not escaped, up to its `?`; groups of the pattern are decoded text and are escaped
 * again where they stand in arguments or in a Location.
 */
function compileReplacement(
  { parts }: ComplexValue,
  external: boolean,
  { statement }: BoundStatement,
  context: CompileContext,
): (request: Request) => string {
  let escape: UriPart | undefined = external ? 'uri' : undefined
  const pieces = parts.map((part): ((request: Request) => string) => {
    if (part.kind === 'capture' && escape !== undefined) {
      const how = escape
      return (request) => escapeUri(request.capture(part.group), how)
    }
    if (part.kind === 'literal' && part.text.includes('?')) escape = 'args'
    return context.value({ source: '', parts: [part] }, statement).evaluate
  })
  return (request) => {
    let text = ''
    for (const piece of pieces) text += piece(request)
    return text
  }
}

function refuseEmpty(request: Request): Outcome {
  request.location.settings.errorLog.request('error', request, 'the rewritten URI has a zero length')
  return 500
}

function withArguments(target: string, args: string): string {
  if (args === '') return target
  return `${target}${target.includes('?') ? '&' : '?'}${args}`
}

function logRewrite(request: Request, message: string): void {
  request.location.settings.errorLog.request('notice', request, message)
}

export const rewriteModule: FrontModule = {
  name: 'rewrite',
  directives: [returnRow, rewriteRow, setRow, breakRow, ifBlock, rewriteLog, uninitializedVariableWarn],
  declare,
  serverRewrite: compile,
  phases: { rewrite: compile },
}
