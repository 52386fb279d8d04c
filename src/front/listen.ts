/** The arguments of `listen`: an address and what holds for it. */
import type { Word } from '../config/ast.ts'
import type { ParseContext } from '../config/directive.ts'

export interface Listen {
  /** The address in one spelling: `0.0.0.0:8080`, `[::1]:80`, `unix:/run/x.sock`. */
  readonly key: string
  /** IP address without brackets, or the path of a unix socket. */
  readonly host: string
  /** 0 for unix sockets. */
  readonly port: number
  readonly defaultServer: boolean
  readonly backlog: number | undefined
  readonly proxyProtocol: boolean
  readonly ssl: boolean
}

const NEED_LATER: ReadonlyMap<string, string> = new Map([['quic', 'HTTP/3']])

/** Tuning of the socket that the runtime does not offer: accepted, as the server works without. */
const IGNORED =
  /^(reuseport|deferred|bind|so_keepalive=.*|ipv6only=(on|off)|fastopen=\d+|rcvbuf=.*|sndbuf=.*|setfib=\d+|accept_filter=.*)$/

export function parseListen(args: readonly Word[], at: ParseContext): Listen {
  const [first, ...options] = args.map((word) => word.text)
  const address = parseAddress(first ?? '', at)
  let defaultServer = false
  let proxyProtocol = false
  let ssl = false
  let backlog: number | undefined
  for (const option of options) {
    if (option === 'default_server' || option === 'default') defaultServer = true
    else if (option === 'proxy_protocol') proxyProtocol = true
    else if (option === 'ssl') ssl = true
    else if (option === 'http2')
      at.warn('the "http2" parameter of "listen" has no effect: clients are answered with HTTP/1.1')
    else if (option.startsWith('backlog=')) {
      backlog = Number(option.slice(8))
      if (!Number.isInteger(backlog) || backlog === 0) at.fail(`invalid backlog "${option}"`)
    } else if (NEED_LATER.has(option)) {
      at.fail(
        `the "${option}" parameter requires ${NEED_LATER.get(option) ?? ''}, which this version does not have`,
      )
    } else if (IGNORED.test(option))
      at.warn(`the "${option}" parameter of "listen" has no effect in this server`)
    else at.fail(`invalid parameter "${option}"`)
  }
  return { ...address, defaultServer, backlog, proxyProtocol, ssl }
}

/** @throws through `at.fail` with nginx's wording. */
function parseAddress(text: string, at: ParseContext): Pick<Listen, 'key' | 'host' | 'port'> {
  if (text.startsWith('unix:')) {
    const path = text.slice(5)
    if (path === '') at.fail(`no path in the unix domain socket in "${text}" of the "listen" directive`)
    const host = at.path(path, 'prefix')
    return { key: `unix:${host}`, host, port: 0 }
  }
  const [, literal] = /^(\[[^\]]*\])/.exec(text) ?? []
  if (literal !== undefined && !/^\[[0-9a-fA-F:.]+\]$/.test(literal))
    at.fail(`invalid IPv6 address in "${text}" of the "listen" directive`)
  if (/^[^:[\]]+:.*\D/.test(text)) at.fail(`invalid port in "${text}" of the "listen" directive`)
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|\*|[^:[\]]+)(?::|$))?(\d*)$/.exec(text)
  if (!match) return at.fail(`invalid host in "${text}" of the "listen" directive`)
  const [, rawHost, rawPort] = match
  if (rawHost !== undefined && /^\d+$/.test(rawHost) && rawPort === '')
    return tcp('0.0.0.0', portOf(rawHost, text, at))
  const port = rawPort === undefined || rawPort === '' ? 80 : portOf(rawPort, text, at)
  if (rawHost === undefined || rawHost === '*') return tcp('0.0.0.0', port)
  if (rawHost.startsWith('[')) return tcp(rawHost.slice(1, -1).toLowerCase(), port)
  if (/^\d+(\.\d+){3}$/.test(rawHost)) {
    if (rawHost.split('.').some((part) => Number(part) > 255))
      at.fail(`host not found in "${text}" of the "listen" directive`)
    return tcp(rawHost, port)
  }
  if (rawHost.toLowerCase() === 'localhost') return tcp('127.0.0.1', port)
  return at.fail(`host not found in "${text}" of the "listen" directive`)
}

function tcp(host: string, port: number): Pick<Listen, 'key' | 'host' | 'port'> {
  return { key: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, host, port }
}

function portOf(text: string, whole: string, at: ParseContext): number {
  const port = Number(text)
  if (port < 1 || port > 65_535) at.fail(`invalid port in "${whole}" of the "listen" directive`)
  return port
}
