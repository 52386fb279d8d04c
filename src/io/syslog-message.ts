/** The words after `syslog:` and the header before each line (RFC 3164 section 4.1, as nginx fills it). */
import { parseSocketAddress, SocketAddressError, type SocketAddress } from './socket-address.ts'

/** By number: the facility counts by its place. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'intern', 'lpr', 'news', 'uucp', 'clock', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6'],
  'local7',
]

/** By number. */
const SEVERITIES = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug']

const DEFAULT_PORT = 514
const MAX_TAG = 32

export interface SyslogTarget {
  readonly server: SocketAddress
  readonly facility: number
  /** Of a line that names no level of its own. */
  readonly severity: number
  readonly tag: string
  readonly withHostname: boolean
}

class SyslogError extends Error {
  override readonly name = 'SyslogError'
}

/** `text`: what stands behind `syslog:`. @throws SyslogError with nginx's words */
export function parseSyslog(text: string): SyslogTarget {
  const given = new Map<string, string>()
  let withHostname = true
  for (const word of text.split(',')) {
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(equals, 0))
    if (word === 'nohostname') withHostname = false
    else if (!['server', 'facility', 'severity', 'tag'].includes(name))
      throw new SyslogError(`unknown syslog parameter "${word}"`)
    else if (given.has(name)) throw new SyslogError(`duplicate syslog "${name}"`)
    else given.set(name, word.slice(equals + 1))
  }
  const server = given.get('server')
  if (server === undefined) throw new SyslogError('no syslog server specified')
  return {
    server: parseServer(server),
    facility: indexIn(FACILITIES, given.get('facility') ?? 'local7', 'facility'),
    severity: indexIn(SEVERITIES, given.get('severity') ?? 'info', 'severity'),
    tag: checkTag(given.get('tag') ?? 'nginx'),
    withHostname,
  }
}

function parseServer(text: string): SocketAddress {
  try {
    return parseSocketAddress(text, DEFAULT_PORT)
  } catch (error) {
    if (!(error instanceof SocketAddressError)) throw error
    throw new SyslogError(`${error.message} in syslog server "${text}"`)
  }
}

function indexIn(names: readonly string[], name: string, what: string): number {
  const index = names.indexOf(name)
  if (index < 0) throw new SyslogError(`unknown syslog ${what} "${name}"`)
  return index
}

function checkTag(tag: string): string {
  if (tag.length > MAX_TAG) throw new SyslogError('syslog tag length exceeds 32')
  if (!/^[A-Za-z0-9_]*$/.test(tag))
    throw new SyslogError('syslog "tag" only allows alphanumeric characters and underscore')
  return tag
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `<190>Nov  1 09:10:00 host nginx: `. A line of the error log has its level after its time: that is its severity. */
export function formatSyslogHeader(target: SyslogTarget, line: string, hostname: string, now: Date): string {
  const level = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[([a-z]+)\] /.exec(line)?.[1]
  const severity = level === undefined ? -1 : SEVERITIES.indexOf(level)
  const priority = target.facility * 8 + (severity < 0 ? target.severity : severity)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${MONTHS[now.getMonth()] ?? ''} ${String(now.getDate()).padStart(2)}`
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  return `<${priority}>${day} ${time} ${target.withHostname ? `${hostname} ` : ''}${target.tag}: `
}
