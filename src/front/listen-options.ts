/** What stands behind the address of `listen`, with nginx's words for what is wrong. */
import type { ParseContext } from '../config/directive.ts'
import { parseMilliseconds } from '../util/duration.ts'
import { parseSize } from '../util/size.ts'

export interface ListenOptions {
  readonly defaultServer: boolean
  /** Something was said of the socket itself, which only one `listen` of an address may do. */
  readonly set: boolean
  readonly backlog: number | undefined
  readonly proxyProtocol: boolean
  readonly ssl: boolean
  /** `ipv6only=off`: an IPv6 wildcard takes IPv4 connections too. */
  readonly dualStack: boolean
  /** `so_keepalive`: seconds of silence before the first probe, 0 for the system's; undefined where it is off. */
  readonly keepaliveIdleSeconds: number | undefined
}

type Draft = { -readonly [K in keyof ListenOptions]: ListenOptions[K] }

export const NO_LISTEN_OPTIONS: ListenOptions = {
  defaultServer: false,
  set: false,
  backlog: undefined,
  proxyProtocol: false,
  ssl: false,
  dualStack: false,
  keepaliveIdleSeconds: undefined,
}

/** Tuning of the socket that the runtime does not offer: checked, and named in a warning. */
const IGNORED: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['fastopen', isCount],
  ['rcvbuf', (value) => parseSize(value) !== undefined],
  ['sndbuf', (value) => parseSize(value) !== undefined],
  ['accept_filter', () => true],
])

const IGNORED_WORDS = new Set(['reuseport', 'deferred'])

export function parseListenOptions(options: readonly string[], at: ParseContext): ListenOptions {
  const draft: Draft = { ...NO_LISTEN_OPTIONS }
  for (const option of options) {
    if (!applyWord(draft, option, at)) applyValue(draft, option, at)
  }
  return draft
}

/** Whether it is a parameter without a value. */
function applyWord(draft: Draft, option: string, at: ParseContext): boolean {
  switch (option) {
    case 'default_server':
    case 'default':
      draft.defaultServer = true
      return true
    case 'proxy_protocol':
      draft.proxyProtocol = true
      return true
    case 'ssl':
      draft.ssl = true
      return true
    case 'http2':
      at.warn('the "http2" parameter of "listen" has no effect: clients are answered with HTTP/1.1')
      return true
    case 'quic':
      return at.fail('the "quic" parameter requires HTTP/3, which this version does not have')
    case 'bind':
      draft.set = true
      return true
    default:
      if (!IGNORED_WORDS.has(option)) return false
      draft.set = true
      ignore(option, at)
      return true
  }
}

function applyValue(draft: Draft, option: string, at: ParseContext): void {
  const equals = option.indexOf('=')
  const name = equals < 0 ? '' : option.slice(0, equals)
  const value = option.slice(equals + 1)
  const isGood = IGNORED.get(name)
  if (isGood) {
    if (!isGood(value)) at.fail(`invalid ${name} "${option}"`)
    ignore(option, at)
  } else if (name === 'backlog') {
    if (!isCount(value) || Number(value) === 0) at.fail(`invalid backlog "${option}"`)
    draft.backlog = Number(value)
  } else if (name === 'ipv6only' && value.startsWith('o')) {
    if (value !== 'on' && value !== 'off') at.fail(`invalid ipv6only flags "${value}"`)
    draft.dualStack = value === 'off'
  } else if (name === 'so_keepalive') {
    draft.keepaliveIdleSeconds = parseKeepalive(value, at)
  } else at.fail(`invalid parameter "${option}"`)
  draft.set = true
}

function isCount(text: string): boolean {
  return /^[0-9]{1,9}$/.test(text)
}

function ignore(option: string, at: ParseContext): void {
  at.warn(`the "${option}" parameter of "listen" has no effect in this server`)
}

/** `on`, `off`, or `[idle]:[interval]:[count]`, of which the runtime can set the first. */
function parseKeepalive(value: string, at: ParseContext): number | undefined {
  if (value === 'off') return undefined
  if (value === 'on') return 0
  const [idle = '', interval = '', count = '', ...more] = value.split(':')
  const times = [idle, interval].map((text) => (text === '' ? 0 : parseMilliseconds(text)))
  const good =
    times.every((time) => time !== undefined) && (count === '' || isCount(count)) && more.length === 0
  const [idleMs = 0, intervalMs = 0] = times
  if (!good || (idleMs === 0 && intervalMs === 0 && Number(count) === 0))
    return at.fail(`invalid so_keepalive value: "${value}"`)
  if (intervalMs > 0 || Number(count) > 0) ignore(`so_keepalive=:${interval}:${count}`, at)
  return Math.floor(idleMs / 1000)
}
