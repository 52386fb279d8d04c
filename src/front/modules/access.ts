/** `allow` and `deny` (access phase): the first rule that holds the client's address decides (nginx access module). */
import type { ListDirective, ParseContext } from '../../config/directive.ts'
import type { Scope } from '../../config/scope.ts'
import { Network, parseIp } from '../../util/ip-address.ts'
import { clientAddress } from '../client-address.ts'
import { satisfy } from '../core-directives.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { ALLOWED, NEXT } from '../outcome.ts'
import type { Request } from '../request.ts'

type Rule = { readonly allows: boolean; readonly network: Network | 'all' | 'unix' }

function ruleRow(name: 'allow' | 'deny', doc: string): ListDirective<Rule> {
  return {
    kind: 'list',
    name,
    contexts: ['http', 'server', 'location', 'limit_except'],
    args: 1,
    syntax: 'address | CIDR | unix: | all',
    doc,
    parse: ([word], at) => ({ allows: name === 'allow', network: readNetwork(word?.text ?? '', at) }),
  }
}

function readNetwork(text: string, at: ParseContext): Rule['network'] {
  if (text === 'all') return 'all'
  if (text === 'unix:') return 'unix'
  const network = Network.parse(text)
  if (!network) return at.fail(`invalid parameter "${text}"`)
  const written = parseIp(text.split('/')[0] ?? '')
  if (written && Network.hasLowBits(written, network.bits)) {
    at.warn(`low address bits of ${text} are meaningless`)
  }
  return network
}

const allow = ruleRow('allow', 'Lets clients of a network in.')
const deny = ruleRow('deny', 'Refuses clients of a network with 403.')

/** The rules of the nearest scope that has any: `allow` and `deny` are inherited together or not at all. */
function rulesOf(scope: Scope): readonly Rule[] {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const own = at.bound.filter(({ directive }) => directive === allow || directive === deny)
    if (own.length > 0) return own.map(({ value }) => value as Rule)
  }
  return []
}

const compile: CompileHandler = (scope) => {
  const rules = rulesOf(scope)
  if (rules.length === 0) return undefined
  const all = scope.get(satisfy) === 'all'
  return (request) => {
    const address = clientAddress(request)
    const rule = rules.find(({ network }) => holds(network, address))
    if (!rule) return NEXT
    if (rule.allows) return ALLOWED
    if (all) logRefusal(request)
    return 403
  }
}

function holds(network: Rule['network'], address: Uint8Array | undefined): boolean {
  if (network === 'all') return true
  if (network === 'unix') return address === undefined
  return address !== undefined && network.contains(address)
}

function logRefusal(request: Request): void {
  request.location.settings.errorLog.request('error', request, 'access forbidden by rule')
}

export const accessModule: FrontModule = {
  name: 'access',
  directives: [allow, deny],
  phases: { access: compile },
}
