/** Rows of `upstream { }` and of what stands in it. */
import type { ComplexValue } from '../../config/complex-value.ts'
import { parseComplexValue } from '../../config/complex-value.ts'
import type {
  AnyDirective,
  BlockDirective,
  Directive,
  ListDirective,
  ParseContext,
} from '../../config/directive.ts'
import { millisecondsRow, numberRow } from '../../config/rows.ts'
import { parseMilliseconds, parseSeconds } from '../../util/duration.ts'
import { parseSize } from '../../util/size.ts'
import type { TimedPart } from './balance/least-time.ts'
import type { PeerOptions } from './peer.ts'
import { sticky } from './sticky-row.ts'

export const upstream: BlockDirective<string> = {
  kind: 'block',
  name: 'upstream',
  contexts: ['http'],
  args: 1,
  syntax: 'name { ... }',
  doc: 'A group of servers that requests are passed to, in turn by weight.',
  opens: 'upstream',
  parse: ([name]) => name?.text ?? '',
}

export interface PeerRow extends Omit<PeerOptions, 'address' | 'text' | 'server'> {
  readonly address: string
  /** The name is asked for again while requests run. */
  readonly resolve: boolean
  /** SRV records tell the ports: `http` or `_http._tcp`. */
  readonly service: string | undefined
}

/** What a server is without parameters. */
export const USUAL_PEER: Omit<PeerRow, 'address'> = {
  weight: 1,
  maxFails: 1,
  failTimeoutMs: 10_000,
  maxConnections: 0,
  slowStartMs: 0,
  backup: false,
  down: false,
  drain: false,
  route: '',
  resolve: false,
  service: undefined,
}

export const upstreamServer: ListDirective<PeerRow> = {
  kind: 'list',
  name: 'server',
  contexts: ['upstream'],
  args: { min: 1 },
  syntax:
    'address [weight=number] [max_conns=number] [max_fails=number] [fail_timeout=time] [slow_start=time] [backup] [down] [drain] [resolve] [service=name] [route=string]',
  doc: 'One server of the group. A name has as many peers as it has addresses; `resolve` asks for them again when they expire, `service` takes ports and weights from SRV records.',
  parse: (args, at) => {
    const [address, ...options] = args.map((word) => word.text)
    const row = { ...USUAL_PEER, address: address ?? '' }
    for (const option of options) readOption(row, option, at)
    if (row.service !== undefined && !row.resolve) at.fail('"service" parameter requires "resolve"')
    if (row.service !== undefined && /:\d+$/.test(row.address))
      at.fail('"service" upstream must not specify a port')
    return row
  },
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function readOption(row: Writable<PeerRow>, option: string, at: ParseContext): void {
  const equals = option.indexOf('=')
  if (equals < 0) {
    if (option !== 'backup' && option !== 'down' && option !== 'resolve' && option !== 'drain')
      at.fail(`invalid parameter "${option}"`)
    row[option] = true
    return
  }
  const value = option.slice(equals + 1)
  const invalid = (): never => at.fail(`invalid parameter "${option}"`)
  const count = (min: number): number =>
    /^\d{1,9}$/.test(value) && Number(value) >= min ? Number(value) : invalid()
  const time = (): number => (parseSeconds(value) ?? invalid()) * 1000
  const text = (): string => (value === '' ? invalid() : value)
  switch (option.slice(0, equals)) {
    case 'weight':
      row.weight = count(1)
      break
    case 'max_fails':
      row.maxFails = count(0)
      break
    case 'max_conns':
      row.maxConnections = count(0)
      break
    case 'fail_timeout':
      row.failTimeoutMs = time()
      break
    case 'slow_start':
      row.slowStartMs = time()
      break
    case 'service':
      row.service = text()
      break
    case 'route':
      row.route = text()
      break
    default:
      invalid()
  }
}

const GROUP = { contexts: ['upstream'], inherit: false } as const

export const keepalive: Directive<number> = {
  kind: 'single',
  ...GROUP,
  name: 'keepalive',
  args: [1, 2],
  syntax: 'connections [local]',
  default: 0,
  doc: 'Idle connections that each worker keeps.',
  parse: ([count, local], at) => {
    if (local && local.text !== 'local') at.fail(`invalid parameter "${local.text}"`)
    const text = count?.text ?? ''
    if (!/^\d{1,9}$/.test(text)) return at.fail(`invalid value "${text}" in "keepalive" directive`)
    return Number(text)
  },
}
export const keepaliveRequests = numberRow({
  ...GROUP,
  name: 'keepalive_requests',
  default: 1000,
  doc: 'Requests on one kept connection.',
})
export const keepaliveTime = millisecondsRow({
  ...GROUP,
  name: 'keepalive_time',
  default: 3_600_000,
  defaultText: '1h',
  doc: 'Longest age at which a connection is kept.',
})
export const keepaliveTimeout = millisecondsRow({
  ...GROUP,
  name: 'keepalive_timeout',
  default: 60_000,
  defaultText: '60s',
  doc: 'How long a connection is kept idle.',
})

/** How a group chooses; one of them in each. */
export type Balancing =
  | { readonly kind: 'ip_hash' | 'least_conn' }
  | { readonly kind: 'hash'; readonly key: ComplexValue; readonly consistent: boolean }
  | { readonly kind: 'least_time'; readonly part: TimedPart }
  | { readonly kind: 'random'; readonly two: 'least_conn' | TimedPart | undefined }

function balancingRow(
  row: Pick<Directive<Balancing>, 'name' | 'args' | 'syntax' | 'doc' | 'parse'>,
): Directive<Balancing | undefined> {
  return { kind: 'single', ...GROUP, default: undefined, ...row }
}

const leastConn = balancingRow({
  name: 'least_conn',
  args: 0,
  syntax: '',
  doc: 'The server with the fewest requests under way, by weight, is taken.',
  parse: () => ({ kind: 'least_conn' }),
})

const ipHash = balancingRow({
  name: 'ip_hash',
  args: 0,
  syntax: '',
  doc: "Clients of one network stay with one server: an IPv4 address's first three octets count, all of an IPv6 one.",
  parse: () => ({ kind: 'ip_hash' }),
})

const hash = balancingRow({
  name: 'hash',
  args: [1, 2],
  syntax: 'key [consistent]',
  doc: 'Requests of one key stay with one server. `consistent` (ketama) moves few keys when servers come or go.',
  parse: ([key, consistent], at) => {
    if (consistent && consistent.text !== 'consistent') at.fail(`invalid parameter "${consistent.text}"`)
    return { kind: 'hash', key: parseComplexValue(key?.text ?? ''), consistent: consistent !== undefined }
  },
})

function timedPart(text: string): TimedPart | undefined {
  return text === 'header' || text === 'last_byte' ? text : undefined
}

const leastTime = balancingRow({
  name: 'least_time',
  args: [1, 2],
  syntax: 'header | last_byte [inflight]',
  doc: 'The server that answers soonest on average, by requests under way and weight, is taken.',
  parse: ([part, inflight], at) => {
    if (inflight && inflight.text !== 'inflight') at.fail(`invalid parameter "${inflight.text}"`)
    return {
      kind: 'least_time',
      part: timedPart(part?.text ?? '') ?? at.fail(`invalid parameter "${part?.text ?? ''}"`),
    }
  },
})

const random = balancingRow({
  name: 'random',
  args: { min: 0, max: 2 },
  syntax: '[two [method]]',
  doc: 'A server by chance and weight; with `two` the better of two of them, by least_conn, least_time=header or least_time=last_byte.',
  parse: ([two, method], at) => {
    if (!two) return { kind: 'random', two: undefined }
    if (two.text !== 'two') at.fail(`invalid parameter "${two.text}"`)
    if (!method || method.text === 'least_conn') return { kind: 'random', two: 'least_conn' }
    const [name, part = ''] = method.text.split('=', 2)
    const timed = name === 'least_time' ? timedPart(part) : undefined
    return { kind: 'random', two: timed ?? at.fail(`invalid parameter "${method.text}"`) }
  },
})

export const balancingRows = [leastConn, ipHash, hash, leastTime, random] as const

export interface ZoneRow {
  readonly name: string
  /** Bytes; undefined where an earlier block says it. */
  readonly size: number | undefined
}

export const zone: Directive<ZoneRow | undefined> = {
  kind: 'single',
  ...GROUP,
  name: 'zone',
  args: [1, 2],
  syntax: 'name [size]',
  default: undefined,
  doc: 'The state of the group holds for all workers together.',
  parse: ([name, size], at) => {
    if (!name || name.text === '') return at.fail('invalid zone name ""')
    const bytes = size === undefined ? undefined : parseSize(size.text)
    if (size && bytes === undefined) at.fail(`invalid zone size "${size.text}"`)
    if (bytes !== undefined && bytes < 8 * 4096) at.fail(`zone "${name.text}" is too small`)
    return { name: name.text, size: bytes }
  },
  merge: (_earlier, later) => later,
}

export interface QueueRow {
  readonly most: number
  readonly timeoutMs: number
}

export const queue: Directive<QueueRow | undefined> = {
  kind: 'single',
  ...GROUP,
  name: 'queue',
  args: [1, 2],
  syntax: 'number [timeout=time]',
  default: undefined,
  doc: 'Requests that wait when no server can be chosen, by each worker, and for how long; those beyond are answered 502.',
  parse: ([number, timeout], at) => {
    const text = number?.text ?? ''
    if (!/^[1-9]\d{0,8}$/.test(text)) at.fail(`invalid value "${text}" in "queue" directive`)
    if (!timeout) return { most: Number(text), timeoutMs: 60_000 }
    const [, time = ''] = /^timeout=(.+)$/.exec(timeout.text) ?? []
    const timeoutMs = parseMilliseconds(time)
    if (timeoutMs === undefined || timeoutMs === 0) return at.fail(`invalid parameter "${timeout.text}"`)
    return { most: Number(text), timeoutMs }
  },
}

/** Rows inside `upstream { }`. */
export const upstreamDirectives: readonly AnyDirective[] = [
  upstreamServer,
  keepalive,
  keepaliveRequests,
  keepaliveTime,
  keepaliveTimeout,
  ...balancingRows,
  zone,
  sticky,
  queue,
]
