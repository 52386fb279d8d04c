/** `resolver` and `resolver_timeout`: who is asked for the addresses of names that are known while requests run. */
import type { AnyDirective, Context, Directive, ParseContext } from '../../config/directive.ts'
import { millisecondsRow } from '../../config/rows.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { NameResolver, type NameResolverOptions } from '../../io/dns/name-resolver.ts'
import type { NameServer } from '../../io/dns/name-servers.ts'
import { parseIp } from '../../util/ip-address.ts'
import { parseSeconds } from '../../util/duration.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'upstream']
const DNS_PORT = 53

const resolver: Directive<NameResolverOptions | undefined> = {
  kind: 'single',
  name: 'resolver',
  contexts: CONTEXTS,
  args: { min: 1 },
  syntax: 'address ... [valid=time] [ipv4=on|off] [ipv6=on|off] [status_zone=zone]',
  default: undefined,
  doc: 'Name servers, asked in turn for names that a *_pass makes of variables and for servers with `resolve`. What they answer is kept as long as it says, or as valid says.',
  parse: (args, at) => {
    const servers: NameServer[] = []
    const options: { validMs: number | undefined; ipv4: boolean; ipv6: boolean } = {
      validMs: undefined,
      ipv4: true,
      ipv6: true,
    }
    for (const { text } of args) {
      const [name = '', value] = text.split('=', 2)
      if (value === undefined) servers.push(parseServer(text, at))
      else if (name === 'valid') options.validMs = readValid(text, value, at)
      else if (name === 'ipv4' || name === 'ipv6') options[name] = readSwitch(text, value, at)
      else if (name === 'status_zone')
        at.warn('the "status_zone" parameter of "resolver" has no effect in this server')
      else at.fail(`invalid parameter "${text}"`)
    }
    if (!options.ipv4 && !options.ipv6) at.fail('"ipv4" and "ipv6" cannot both be "off"')
    if (servers.length === 0) at.fail('no name servers defined')
    return { servers, ...options }
  },
}

const resolverTimeout = millisecondsRow({
  name: 'resolver_timeout',
  contexts: CONTEXTS,
  default: 30_000,
  defaultText: '30s',
  doc: 'How long a request waits for the address of a name.',
})

function readValid(text: string, value: string, at: ParseContext): number {
  const seconds = parseSeconds(value)
  return seconds === undefined ? at.fail(`invalid parameter: ${text}`) : seconds * 1000
}

function readSwitch(text: string, value: string, at: ParseContext): boolean {
  if (value !== 'on' && value !== 'off') at.fail(`invalid parameter: ${text}`)
  return value === 'on'
}

function parseServer(text: string, at: ParseContext): NameServer {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+))(?::(\d+))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (!match || host === undefined) return at.fail(`invalid host in resolver "${text}"`)
  if (match[1] !== undefined && parseIp(host)?.length !== 16)
    at.fail(`invalid IPv6 address in resolver "${text}"`)
  const port = match[3] === undefined ? DNS_PORT : Number(match[3])
  if (port < 1 || port > 65_535) at.fail(`invalid port in resolver "${text}"`)
  return { host, port }
}

export const resolverDirectives: readonly AnyDirective[] = [resolver, resolverTimeout]

const made = new WeakMap<BoundStatement, NameResolver>()

/** Who answers for a scope; one and the same for all scopes that have it from one directive. */
export interface ScopeResolver {
  readonly names: NameResolver | undefined
  readonly timeoutMs: number
}

export function resolverOf(scope: Scope): ScopeResolver {
  const timeoutMs = scope.get(resolverTimeout)
  const bound = scope.find(resolver)
  if (!bound) return { names: undefined, timeoutMs }
  let names = made.get(bound)
  if (!names) made.set(bound, (names = new NameResolver(bound.value as NameResolverOptions)))
  return { names, timeoutMs }
}
