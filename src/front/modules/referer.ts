/** `valid_referers`: `$invalid_referer` is `1` unless the Referer field is one of these. */
import type { ListDirective } from '../../config/directive.ts'
import { Pcre } from '../../config/pcre.ts'
import type { Scope } from '../../config/scope.ts'
import { serverName } from '../core-directives.ts'
import type { FrontModule } from '../front-module.ts'
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
      if (text === '~') at.fail(`empty regex in "${text}"`)
      return text
    }),
}

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
  const special = new Set(['none', 'blocked', 'server_names'])
  for (const word of words) {
    if (isRegex(word) || special.has(word)) continue
    const slash = word.indexOf('/')
    hosts.add(slash < 0 ? word : word.slice(0, slash), slash < 0 ? '' : word.slice(slash))
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
    try {
      referers.set(settings, compileReferers(scope.list(validReferers).flat(), namesOf(scope)))
    } catch (error) {
      context.fail(error instanceof Error ? error.message : String(error), first.statement)
    }
  },
}
