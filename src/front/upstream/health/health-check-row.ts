/** `health_check` in a location: how the servers that its `*_pass` goes to are asked whether they are well. */
import type { ListDirective, ParseContext } from '../../../config/directive.ts'
import { parseMilliseconds } from '../../../util/duration.ts'

export interface HealthCheckRow {
  intervalMs: number
  jitterMs: number
  /** Checks in a row that change what is thought of a peer. */
  fails: number
  passes: number
  uri: string
  mandatory: boolean
  /** Of a `match` block; undefined wants 2xx or 3xx. */
  match: string | undefined
  /** Undefined for the peer's own. */
  port: number | undefined
  /** Whether a connection says enough. */
  tcp: boolean
  /** Of a connection for checks; 0 makes one for each. */
  keepaliveMs: number
}

const LONGEST_MS = 2 ** 31 - 1

export const healthCheck: ListDirective<HealthCheckRow> = {
  kind: 'list',
  name: 'health_check',
  contexts: ['location'],
  inherit: false,
  args: { min: 0 },
  syntax:
    '[interval=time] [jitter=time] [fails=number] [passes=number] [uri=uri] [mandatory [persistent]] [match=name] [port=number] [type=tcp] [keepalive_time=time]',
  doc: 'Asks every server of the group that requests of this location go to, again and again, whether it is well. One worker does it, and what it finds holds for all.',
  parse: (args, at) => {
    const row: HealthCheckRow = {
      intervalMs: 5000,
      jitterMs: 0,
      fails: 1,
      passes: 1,
      uri: '/',
      mandatory: false,
      match: undefined,
      port: undefined,
      tcp: false,
      keepaliveMs: 0,
    }
    for (const { text } of args) readParameter(row, text, at)
    if (row.tcp && (row.match !== undefined || row.uri !== '/'))
      at.fail('"type=tcp" cannot be used with "uri" or "match"')
    return row
  },
}

function readParameter(row: HealthCheckRow, text: string, at: ParseContext): void {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const value = text.slice(equals + 1)
  const invalid = (): never => at.fail(`invalid parameter "${text}"`)
  const count = (most: number): number =>
    /^\d{1,9}$/.test(value) && Number(value) > 0 && Number(value) <= most ? Number(value) : invalid()
  const time = (least: number): number => {
    const milliseconds = parseMilliseconds(value) ?? invalid()
    return milliseconds >= least && milliseconds <= LONGEST_MS ? milliseconds : invalid()
  }
  if (equals < 0) {
    if (text === 'mandatory') row.mandatory = true
    // what was found holds over a reload in any case
    else if (text !== 'persistent' || !row.mandatory) invalid()
    return
  }
  if (name === 'interval') row.intervalMs = time(1)
  else if (name === 'jitter') row.jitterMs = time(0)
  else if (name === 'fails') row.fails = count(1e9)
  else if (name === 'passes') row.passes = count(1e9)
  else if (name === 'uri') row.uri = value.startsWith('/') ? value : invalid()
  else if (name === 'match') row.match = value === '' ? invalid() : value
  else if (name === 'port') row.port = count(65_535)
  else if (name === 'keepalive_time') row.keepaliveMs = time(0)
  else if (text === 'type=tcp') row.tcp = true
  else if (name === 'type') at.fail(`health checks of "${text}" are not implemented by this server`)
  else invalid()
}
