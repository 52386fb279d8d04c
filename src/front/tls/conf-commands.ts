/** `ssl_conf_command`: commands of OpenSSL's SSL_CONF_cmd, as far as the runtime has a way to the same. */
import type { BoundStatement } from '../../config/scope.ts'
import type { ConfCommand, ProtocolWord } from './ssl-directives.ts'

/** What commands change of the other directives. */
export interface CommandChanges {
  protocols?: ReadonlySet<ProtocolWord>
  ciphers?: string
  cipherSuites?: string
  curves?: string
  signatures?: string
  preferServerCiphers?: boolean
  tickets?: boolean
  certificate?: string
  key?: string
}

const VERSIONS: readonly ProtocolWord[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Options that hold anyway, or that change nothing here. */
const GIVEN = new Set([
  'norenegotiation',
  'bugs',
  'compression',
  'ecdhsingle',
  'dhsingle',
  'unsafelegacyrenegotiation',
  'encryptthenmac',
  'extendedmastersecret',
  'middleboxcompat',
  'antireplay',
  'canames',
  'ktls',
  'legacyserverconnect',
  'ignoreunexpectedeof',
  'clientrenegotiation',
  'noresumptiononrenegotiation',
  'strictcertcheck',
  'allownodhekex',
  'prioritizechacha',
])

/** A command and the statement that it stands in. */
export interface PlacedCommand {
  readonly command: ConfCommand
  readonly bound: BoundStatement
}

export function applyCommands(
  commands: readonly PlacedCommand[],
  protocols: ReadonlySet<ProtocolWord>,
  fail: (message: string, bound: BoundStatement) => never,
  path: (relative: string) => string,
): CommandChanges {
  const changes: CommandChanges = {}
  for (const { command, bound } of commands) {
    const refuse = (reason: string): never =>
      fail(`SSL_CONF_cmd("${command.name}", "${command.value}") failed (SSL: ${reason})`, bound)
    applyOne(command, changes, changes.protocols ?? protocols, refuse, path)
  }
  return changes
}

function applyOne(
  { name, value }: ConfCommand,
  changes: CommandChanges,
  protocols: ReadonlySet<ProtocolWord>,
  refuse: (reason: string) => never,
  path: (relative: string) => string,
): void {
  switch (name.toLowerCase()) {
    case 'ciphersuites':
      changes.cipherSuites = value
      break
    case 'cipherstring':
      changes.ciphers = value
      break
    case 'curves':
    case 'groups':
      changes.curves = value
      break
    case 'signaturealgorithms':
      changes.signatures = value
      break
    case 'certificate':
      changes.certificate = path(value)
      break
    case 'privatekey':
      changes.key = path(value)
      break
    case 'protocol':
      changes.protocols = toggle(protocols, value, refuse)
      break
    case 'minprotocol':
      changes.protocols = bounded(protocols, value, refuse, (index, at) => index >= at)
      break
    case 'maxprotocol':
      changes.protocols = bounded(protocols, value, refuse, (index, at) => index <= at)
      break
    case 'options':
      for (const word of value.split(',')) setOption(word.trim(), changes, refuse)
      break
    default:
      refuse('error:0A000182:SSL routines::unknown cmd name, or one that this server does not have')
  }
}

/** `ALL,-TLSv1.2` */
function toggle(
  protocols: ReadonlySet<ProtocolWord>,
  value: string,
  refuse: (reason: string) => never,
): ReadonlySet<ProtocolWord> {
  const result = new Set(protocols)
  for (const word of value.split(',')) {
    const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(word.trim()) ?? []
    const named = rest.toUpperCase() === 'ALL' ? VERSIONS : VERSIONS.filter((version) => version === rest)
    if (named.length === 0) refuse('error:0A000180:SSL routines::bad value')
    for (const version of named) {
      if (sign === '-') result.delete(version)
      else result.add(version)
    }
  }
  return result
}

function bounded(
  protocols: ReadonlySet<ProtocolWord>,
  value: string,
  refuse: (reason: string) => never,
  keeps: (index: number, at: number) => boolean,
): ReadonlySet<ProtocolWord> {
  if (value === 'None') return protocols
  const at = VERSIONS.findIndex((version) => version === value)
  if (at < 0) return refuse('error:0A000180:SSL routines::bad value')
  return new Set(
    VERSIONS.filter((_version, index) => keeps(index, at)).filter((version) => protocols.has(version)),
  )
}

function setOption(word: string, changes: CommandChanges, refuse: (reason: string) => never): void {
  const on = !word.startsWith('-')
  const name = word.replace(/^[+-]/, '').toLowerCase()
  if (name === 'sessionticket') changes.tickets = on
  else if (name === 'serverpreference') changes.preferServerCiphers = on
  else if (!GIVEN.has(name)) refuse('error:0A000180:SSL routines::bad value')
}
