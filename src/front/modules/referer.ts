/** `valid_referers`: `$invalid_referer` is `1` unless the Referer field is one of these. */
import type { Statement } from '../../config/ast.ts'
import type { ListDirective } from '../../config/directive.ts'
import { Pcre } from '../../config/pcre.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { serverName } from '../core-directives.ts'
import type { CompileContext, FrontModule } from '../front-module.ts'
import { HostnameMap } from '../hostname-map.ts'
import type { Request } from '../request.ts'
import type { LocationSettings } from '../server-config.ts'

const validReferers: ListDirective<readonly string[]> = {
  kind: 'list',
  name: 'valid_referers',
  contexts: ['server', 'location'],
  args: { min: 1 },
  syntax: 'none | blocked | server_names | string | ~regex ...',
  doc: 'Referer fields that leave $invalid_referer empty; none stands for no field, blocked for one without a scheme.',
  parse: (args, at) =>
    args.map(({ text }) => {
      if (text === '') at.fail('invalid referer ""')
      if (text === '~') at.fail(`empty regex in "${text}"`)
      if (!text.startsWith('~') && new HostnameMap<true>().add(hostOf(text), true) === 'invalid')
        at.fail(`invalid hostname or wildcard "${text}"`)
      return text
    }),
}

/** Without the beginning of a path that may follow it. */
function hostOf(word: string): string {
  const slash = word.indexOf('/')
  return slash < 0 ? word : word.slice(0, slash)
}

/** Fields that are missing or cut are let in beside others only, as nginx has it. */
function checkOthers(words: readonly string[], context: CompileContext, at: Statement): void {
  const others = words.some(
    (word) => word === 'server_names' || (!SPECIAL.has(word) && !word.startsWith('~')),
  )
  if (others || !(words.includes('none') || words.includes('blocked'))) return
  context.fail(
    'the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer',
    at,
  )
}

/** Words of one level that name the same hosts contradict each other, as nginx has it. */
function checkConflicts(bounds: readonly BoundStatement[], context: CompileContext): void {
  const hosts = new HostnameMap<true>()
  for (const { value, statement } of bounds)
    for (const word of value as readonly string[])
      if (!word.startsWith('~') && !SPECIAL.has(word) && hosts.add(hostOf(word), true) === 'conflict')
        context.fail(`conflicting parameter "${word}"`, statement)
}

const SPECIAL: ReadonlySet<string> = new Set(['none', 'blocked', 'server_names'])

interface Referers {
  readonly none: boolean
  readonly blocked: boolean
  /** By host; the value is the beginning that the path must have, empty for any. */
  readonly hosts: HostnameMap<string>
  readonly regexes: readonly Pcre[]
  /** Patterns of server names, for the host alone. */
  readonly hostRegexes: readonly Pcre[]
}

const referers = new WeakMap<LocationSettings, Referers>()

function compileReferers(words: readonly string[], names: readonly string[]): Referers {
  const hosts = new HostnameMap<string>()
  const isRegex = (text: string): boolean => text.startsWith('~')
  for (const word of words) {
    if (isRegex(word) || SPECIAL.has(word)) continue
    const host = hostOf(word)
    hosts.add(host, word.slice(host.length))
  }
  const own = words.includes('server_names') ? names : []
  for (const name of own) if (!isRegex(name)) hosts.add(name, '')
  const pattern = (text: string): Pcre => new Pcre(text.slice(1), { caseless: true })
  return {
    none: words.includes('none'),
    blocked: words.includes('blocked'),
    hosts,
    regexes: words.filter(isRegex).map(pattern),
    hostRegexes: own.filter(isRegex).map(pattern),
  }
}

function isValid(
  { none, blocked, hosts, regexes, hostRegexes }: Referers,
  referer: string | undefined,
): boolean {
  if (referer === undefined || referer === '') return none
  const scheme = /^https?:\/\//i.exec(referer)
  if (!scheme || referer.length < 'http://i.ru'.length) return blocked
  const rest = referer.slice(scheme[0].length)
  const host = /^[^/:]*/.exec(rest)?.[0] ?? ''
  const beginning = hosts.find(host)
  if (beginning !== undefined) {
    const slash = rest.indexOf('/')
    if (beginning === '' || (slash >= 0 && rest.startsWith(beginning, slash))) return true
  }
  return hostRegexes.some((regex) => regex.test(host)) || regexes.some((regex) => regex.test(rest))
}

function namesOf(scope: Scope): readonly string[] {
  let at: Scope | undefined = scope
  while (at && at.context !== 'server') at = at.parent
  return at ? at.list(serverName).flat() : []
}

function invalidReferer(request: Request): string {
  const row = referers.get(request.location.settings)
  return !row || isValid(row, request.headers.get('referer')) ? '' : '1'
}

export const refererModule: FrontModule = {
  name: 'referer',
  directives: [validReferers],
  declare: (_http, { variables }) => {
    variables.defineKept('invalid_referer', invalidReferer, true)
    return undefined
  },
  remember: (scope, context, settings) => {
    const bounds = scope.findList(validReferers)
    const [first] = bounds
    if (!first) return
    checkConflicts(bounds, context)
    const words = scope.list(validReferers).flat()
    checkOthers(words, context, first.statement)
    try {
      referers.set(settings, compileReferers(words, namesOf(scope)))
    } catch (error) {
      context.fail(error instanceof Error ? error.message : String(error), first.statement)
    }
  },
}
