/** `userid`: a cookie that tells clients apart (nginx userid module; a header filter). */
import type { Context, Directive } from '../../config/directive.ts'
import { choiceRow, choicesRow, textRow, valueRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { parseDigits } from '../../util/size.ts'
import { parseSeconds } from '../../util/duration.ts'
import type { FrontModule } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { LocationSettings } from '../server-config.ts'
import { formatUid, makeUid, readUid, uidText, type Uid } from '../user-id.ts'
import type { VariableGetter, VariableTable } from '../variable-table.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const MAX_EXPIRES = 'Thu, 31-Dec-37 23:55:55 GMT'

const userid = choiceRow(
  {
    name: 'userid',
    contexts: CONTEXTS,
    default: 'off',
    doc: 'Whether clients get a cookie of version 2 (on) or 1 (v1), or cookies that they have are only read (log).',
  },
  ['on', 'v1', 'log', 'off'],
)
const service: Directive<number | undefined> = valueRow<number | undefined>(
  {
    name: 'userid_service',
    contexts: CONTEXTS,
    default: undefined,
    defaultText: 'the address of the server',
    doc: 'Number of the service that issues a cookie.',
  },
  'number',
  (text, at) => parseDigits(text) ?? at.fail(`"${at.statement.name}" directive invalid number`),
)
const cookieName = textRow<string>({
  name: 'userid_name',
  contexts: CONTEXTS,
  default: 'uid',
  doc: 'Name of the cookie.',
})
const domain = textRow<string>({
  name: 'userid_domain',
  contexts: CONTEXTS,
  default: 'none',
  doc: 'Domain of the cookie.',
})
const path = textRow<string>({
  name: 'userid_path',
  contexts: CONTEXTS,
  default: '/',
  doc: 'Path of the cookie.',
})
const expires: Directive<number | 'max'> = valueRow<number | 'max'>(
  {
    name: 'userid_expires',
    contexts: CONTEXTS,
    default: 0,
    defaultText: 'off',
    doc: 'How long a browser keeps the cookie: until 2037, or until it is closed.',
  },
  'time | max | off',
  (text, at) => {
    if (text === 'max') return 'max'
    return text === 'off' ? 0 : (parseSeconds(text) ?? at.fail('"userid_expires" directive invalid value'))
  },
)
const flags = {
  ...choicesRow(
    {
      name: 'userid_flags',
      contexts: CONTEXTS,
      default: new Set(['off'] as const),
      doc: 'Flags of the cookie.',
    },
    ['off', 'secure', 'httponly', 'samesite=strict', 'samesite=lax', 'samesite=none'],
  ),
  args: [1, 2, 3],
}
const p3p = textRow<string>({
  name: 'userid_p3p',
  contexts: CONTEXTS,
  default: 'none',
  doc: 'Field P3P that goes with the cookie.',
})
const mark: Directive<string> = valueRow<string>(
  {
    name: 'userid_mark',
    contexts: CONTEXTS,
    default: '',
    defaultText: 'off',
    doc: 'A character that cookies are marked with: a client with another one gets its cookie anew.',
  },
  'letter | digit | = | off',
  (text, at) => {
    if (text === 'off') return ''
    if (!/^[0-9A-Za-z=]$/.test(text))
      at.fail('"userid_mark" directive value must be "off" or a single letter, digit or "="')
    return text
  },
)

interface Settings {
  readonly mode: 'v1' | 'on' | 'log'
  readonly service: number | undefined
  readonly name: string
  readonly mark: string
  readonly expires: number | 'max'
  /** What follows value and time: domain, path and flags. */
  readonly attributes: string
  readonly p3p: string
}

function settingsOf(scope: Scope): Settings | undefined {
  const mode = scope.get(userid)
  if (mode === 'off') return undefined
  const set = scope.get(flags)
  const host = scope.get(domain)
  const written = ['secure', 'httponly', 'samesite=strict', 'samesite=lax', 'samesite=none'] as const
  const field = scope.get(p3p)
  return {
    mode,
    service: scope.get(service),
    name: scope.get(cookieName),
    mark: scope.get(mark),
    expires: scope.get(expires),
    attributes:
      (host === 'none' ? '' : `; domain=${host}`) +
      `; path=${scope.get(path)}` +
      written
        .filter((flag) => set.has(flag))
        .map((flag) => `; ${flag}`)
        .join(''),
    p3p: field === 'none' ? '' : field,
  }
}

/** Of the scopes with `userid`, for the variables. */
const settingsByLocation = new WeakMap<LocationSettings, Settings>()
/** What was found out about a client's request. */
const states = new WeakMap<Request, UseridState>()

interface UseridState {
  /** As the client sent it. */
  readonly cookie: string
  readonly got: Uid | undefined
  set: Uid | undefined
  reset: boolean
}

function stateOf(request: Request, { name }: Settings): UseridState {
  let state = states.get(request)
  if (!state) {
    const { cookie, uid, fault } = readUid(request, name)
    if (fault !== undefined) request.location.settings.errorLog.request('error', request, fault)
    states.set(request, (state = { cookie, got: uid, set: undefined, reset: false }))
  }
  return state
}

type ResetValue = (request: Request) => string

/** The identifier that the response sets, if it sets one. */
function decide(request: Request, settings: Settings, resetValue: ResetValue): Uid | undefined {
  const state = stateOf(request, settings)
  if (state.set) return state.set
  const { got, cookie } = state
  if (got) {
    const reset = resetValue(request)
    if (reset === '' || reset === '0') {
      const marked =
        settings.mark === '' || (cookie.length > 23 && cookie.slice(22, 24) === `${settings.mark}=`)
      return marked ? undefined : (state.set = got)
    }
    state.reset = true
    if (reset === 'log')
      request.location.settings.errorLog.request(
        'notice',
        request,
        `userid cookie "${settings.name}=${formatUid(got)}" was reset`,
      )
  }
  return (state.set = makeUid(
    settings.mode === 'v1' ? 1 : 2,
    settings.service,
    request.connection.localAddress,
  ))
}

function setCookie(request: Request, settings: Settings, resetValue: ResetValue): void {
  const uid = decide(request, settings, resetValue)
  if (!uid) return
  const { cookie, got, reset } = stateOf(request, settings)
  const fresh = uidText(uid)
  const text =
    got && !reset
      ? `${cookie.slice(0, 22)}${settings.mark}=`
      : settings.mark === ''
        ? fresh
        : `${fresh.slice(0, -2)}${settings.mark}=`
  request.addHeader(
    'Set-Cookie',
    `${settings.name}=${text}${expiresText(settings.expires)}${settings.attributes}`,
  )
  if (settings.p3p !== '') request.addHeader('P3P', settings.p3p)
}

function expiresText(seconds: number | 'max'): string {
  if (seconds === 0) return ''
  if (seconds === 'max') return `; expires=${MAX_EXPIRES}`
  const at = new Date(Date.now() + seconds * 1000)
  const [day = '', date = '', month = '', year = '', clock = ''] = at.toUTCString().split(' ')
  const shown = at.getUTCFullYear() > 2037 ? year : year.slice(2) // nginx's cookie times
  return `; expires=${day} ${date}-${month}-${shown} ${clock} GMT`
}

function mainOf(request: Request): Request {
  let main = request
  while (main.parent) main = main.parent
  return main
}

function defineVariables(variables: VariableTable): void {
  const reset = resetOf(variables)
  const shown = (request: Request, of: 'got' | 'set'): string | undefined => {
    const main = mainOf(request)
    const settings = settingsByLocation.get(main.location.settings)
    if (!settings || (of === 'set' && settings.mode === 'log')) return undefined
    const uid = of === 'got' ? stateOf(main, settings).got : decide(main, settings, reset)
    return uid && `${settings.name}=${formatUid(uid)}`
  }
  variables.define([
    { name: 'uid_got', get: (request) => shown(request, 'got') },
    { name: 'uid_set', get: (request) => shown(request, 'set') },
  ])
}

function resetOf(variables: VariableTable): ResetValue {
  let getter: VariableGetter | undefined
  return (request) => (getter ??= variables.getter('uid_reset'))(request) ?? ''
}

export const useridModule: FrontModule = {
  name: 'userid',
  directives: [userid, service, cookieName, domain, path, expires, flags, p3p, mark],
  declare: (_http, context) => {
    defineVariables(context.variables)
    return undefined
  },
  remember: (scope, _context, settings) => {
    const own = settingsOf(scope)
    if (own) settingsByLocation.set(settings, own)
  },
  filter: (scope, context) => {
    const settings = settingsOf(scope)
    if (!settings || settings.mode === 'log') return undefined
    const resetValue = resetOf(context.variables)
    return (request) => {
      if (!request.parent) setCookie(request, settings, resetValue)
      return undefined
    }
  },
}
