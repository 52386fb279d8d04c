/** `set_real_ip_from`: the client's address as a trusted proxy names it (post-read and preaccess phases). */
import type { Context, ListDirective } from '../../config/directive.ts'
import { flagRow, textRow } from '../../config/rows.ts'
import { formatIp, Network, parseIp, unmapped } from '../../util/ip-address.ts'
import { forwardedAddress, inNetworks } from '../forwarded-for.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const setRealIpFrom: ListDirective<Network | 'unix'> = {
  kind: 'list',
  name: 'set_real_ip_from',
  contexts: CONTEXTS,
  args: 1,
  syntax: 'address | CIDR | unix:',
  doc: 'Proxies that are believed when they name the client.',
  parse: ([word], at) => {
    const text = word?.text ?? ''
    if (text === 'unix:') return 'unix'
    const network = Network.parse(text)
    if (!network) return at.fail(`host not found in set_real_ip_from "${text}"`)
    const written = parseIp(text.split('/')[0] ?? '')
    if (written && Network.hasLowBits(written, network.bits)) {
      at.warn(`low address bits of ${text} are meaningless`)
    }
    return network
  },
}

const realIpHeader = textRow<string>({
  name: 'real_ip_header',
  contexts: CONTEXTS,
  default: 'X-Real-IP',
  doc: 'Field in which proxies name the client.',
})

const realIpRecursive = flagRow({
  name: 'real_ip_recursive',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether the last address that is not trusted is taken, instead of the last one.',
})

const compile: CompileHandler = (scope) => {
  const trusted = scope.list(setRealIpFrom)
  if (trusted.length === 0) return undefined
  const header = scope.get(realIpHeader).toLowerCase()
  const recursive = scope.get(realIpRecursive)
  const networks = trusted.filter((network) => network !== 'unix')
  const unix = trusted.includes('unix')
  const isTrusted = (address: Uint8Array | undefined): boolean =>
    address === undefined ? unix : inNetworks(networks, address)
  if (header === 'proxy_protocol') return (request) => believeProxyHeader(request, isTrusted)
  const several = header === 'x-forwarded-for'
  return (request) => {
    if (request.remoteAddress !== request.connection.remoteAddress) return NEXT
    const values = request.headers.all(header)
    if (values.length === 0) return NEXT
    const peer = parseIp(request.connection.remoteAddress)
    const found = forwardedAddress(
      peer && unmapped(peer),
      several ? values : values.slice(0, 1),
      isTrusted,
      recursive,
    )
    if (found) {
      request.remoteAddress = found.text
      request.remotePort = found.port
    }
    return NEXT
  }
}

/** The proxy that is believed is the one at the other end of the connection. */
function believeProxyHeader(
  request: Request,
  isTrusted: (address: Uint8Array | undefined) => boolean,
): Outcome {
  const { proxied, remoteAddress } = request.connection
  if (!proxied || request.remoteAddress !== remoteAddress) return NEXT
  const peer = parseIp(remoteAddress)
  const source = parseIp(proxied.sourceAddress)
  if (!source || !isTrusted(peer && unmapped(peer))) return NEXT
  request.remoteAddress = formatIp(source)
  request.remotePort = proxied.sourcePort
  return NEXT
}

export const realipModule: FrontModule = {
  name: 'realip',
  directives: [setRealIpFrom, realIpHeader, realIpRecursive],
  declare: (_http, { variables }) => {
    variables.define([
      { name: 'realip_remote_addr', get: (request) => request.connection.remoteAddress },
      { name: 'realip_remote_port', get: (request) => String(request.connection.remotePort || '') },
    ])
    return undefined
  },
  postRead: compile,
  phases: { preaccess: compile },
}
