/** The arguments of `listen`: an address and what holds for it. */
import type { Word } from '../config/ast.ts'
import type { ParseContext } from '../config/directive.ts'
import { addressesInHosts } from '../io/hosts-file.ts'
import { parseListenOptions, type ListenOptions } from './listen-options.ts'

/** An address and what was said of it. */
export interface Listen extends ListenOptions {
  /** The address in one spelling: `0.0.0.0:8080`, `[::1]:80`, `unix:/run/x.sock`. */
  readonly key: string
  /** IP address without brackets, or the path of a unix socket. */
  readonly host: string
  /** 0 for unix sockets. */
  readonly port: number
}

type Address = Pick<Listen, 'key' | 'host' | 'port'>

/** One for each port of a range. */
export function parseListen(args: readonly Word[], at: ParseContext): readonly Listen[] {
  const [first = '', ...options] = args.map((word) => word.text)
  const addresses = parseAddresses(first, at)
  const parsed = parseListenOptions(options, at)
  return addresses.map((address) => ({ ...address, ...parsed }))
}

/** `host:first-last` and `first-last` are addresses of all ports from the first to the last. */
function parseAddresses(text: string, at: ParseContext): readonly Address[] {
  const [, host = '', first, last] = /^((?:.*:)?)([0-9]+)-([0-9]*)$/.exec(text) ?? []
  if (first === undefined || last === undefined || text.startsWith('unix:')) return parseAddress(text, at)
  const from = portOf(first, text, at)
  if (last === '') return at.fail(`host not found in "${text}" of the "listen" directive`)
  const to = Number(last)
  if (to < 1 || to > 65_535) return at.fail(`invalid port in "${text}" of the "listen" directive`)
  if (to < from) return at.fail(`invalid port range in "${text}" of the "listen" directive`)
  return parseAddress(`${host}${first}`, at).flatMap(({ host: ip }) =>
    Array.from({ length: to - from + 1 }, (_, index) => tcp(ip, from + index)),
  )
}

/** A name may have several. @throws through `at.fail` with nginx's wording. */
function parseAddress(text: string, at: ParseContext): readonly Address[] {
  if (text.startsWith('unix:')) {
    const path = text.slice(5)
    if (path === '') at.fail(`no path in the unix domain socket in "${text}" of the "listen" directive`)
    const host = at.path(path, 'prefix')
    return [{ key: `unix:${host}`, host, port: 0 }]
  }
  const [, literal] = /^(\[[^\]]*\])/.exec(text) ?? []
  if (literal !== undefined && !/^\[[0-9a-fA-F:.]+\]$/.test(literal))
    at.fail(`invalid IPv6 address in "${text}" of the "listen" directive`)
  if (/^[^:[\]]+:.*\D/.test(text)) at.fail(`invalid port in "${text}" of the "listen" directive`)
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|\*|[^:[\]]+)(?::|$))?(\d*)$/.exec(text)
  if (!match) return at.fail(`invalid host in "${text}" of the "listen" directive`)
  const [, rawHost, rawPort] = match
  if (rawHost !== undefined && /^\d+$/.test(rawHost) && rawPort === '')
    return [tcp('0.0.0.0', portOf(rawHost, text, at))]
  const port = rawPort === undefined || rawPort === '' ? 80 : portOf(rawPort, text, at)
  if (rawHost === undefined || rawHost === '*') return [tcp('0.0.0.0', port)]
  if (rawHost.startsWith('[')) return [tcp(rawHost.slice(1, -1).toLowerCase(), port)]
  if (/^\d+(\.\d+){3}$/.test(rawHost)) {
    if (rawHost.split('.').some((part) => Number(part) > 255))
      at.fail(`host not found in "${text}" of the "listen" directive`)
    return [tcp(rawHost, port)]
  }
  if (rawHost.toLowerCase() === 'localhost') return [tcp('127.0.0.1', port)]
  const addresses = addressesInHosts(rawHost)
  if (addresses.length === 0) at.fail(`host not found in "${text}" of the "listen" directive`)
  return addresses.map((address) => tcp(address, port))
}

function tcp(host: string, port: number): Address {
  return { key: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, host, port }
}

function portOf(text: string, whole: string, at: ParseContext): number {
  const port = Number(text)
  if (port < 1 || port > 65_535) at.fail(`invalid port in "${whole}" of the "listen" directive`)
  return port
}
