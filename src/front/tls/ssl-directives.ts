/** Rows of TLS for clients (nginx, ngx_http_ssl_module). A table. */
import { readFlag, readSeconds, readText } from '../../config/arguments.ts'
import type { AnyDirective, Context, Directive, ListDirective } from '../../config/directive.ts'
import {
  choiceRow,
  choicesRow,
  flagRow,
  listRow,
  numberRow,
  pathRow,
  secondsRow,
  sizeRow,
  textRow,
  valueRow,
} from '../../config/rows.ts'
import { parseSize } from '../../util/size.ts'
import { readSessionCache, type SessionCacheRow } from './session-cache-row.ts'

const SERVER: readonly Context[] = ['http', 'server']

export const sslCertificate = listRow<string>(
  {
    name: 'ssl_certificate',
    contexts: SERVER,
    doc: 'Certificate with those that sign it, PEM: a file relative to the conf, or `data:` and the text itself; may hold variables, which costs reading it at every handshake. Repeatable, for keys of several kinds.',
  },
  'file',
  readText,
)

export const sslCertificateKey = listRow<string>(
  {
    name: 'ssl_certificate_key',
    contexts: SERVER,
    doc: 'Key of the certificate, PEM: a file, or `data:` and the text itself; may hold variables.',
  },
  'file',
  readText,
)

export const sslPasswordFile = pathRow<undefined>(
  {
    name: 'ssl_password_file',
    contexts: SERVER,
    default: undefined,
    doc: 'Passwords of encrypted keys, one in a line, tried in turn.',
  },
  'conf',
)

/** SSLv2 and SSLv3 are words that nginx knows and that no OpenSSL of today speaks. */
const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
export type ProtocolWord = (typeof PROTOCOLS)[number]

export const sslProtocols = choicesRow<ProtocolWord>(
  {
    name: 'ssl_protocols',
    contexts: SERVER,
    default: new Set<ProtocolWord>(['TLSv1.2', 'TLSv1.3']),
    doc: 'Versions that are spoken.',
  },
  PROTOCOLS,
)

export const sslCiphers = textRow<string>({
  name: 'ssl_ciphers',
  contexts: SERVER,
  default: 'HIGH:!aNULL:!MD5',
  doc: 'Cipher suites of TLS 1.2 and older, in the format of OpenSSL.',
})

export const sslPreferServerCiphers = flagRow({
  name: 'ssl_prefer_server_ciphers',
  contexts: SERVER,
  default: false,
  doc: 'Whether the order of ssl_ciphers counts and not the client’s.',
})

export const sslEcdhCurve = textRow<string>({
  name: 'ssl_ecdh_curve',
  contexts: SERVER,
  default: 'auto',
  doc: 'Groups of the key exchange, with colons between them.',
})

export const sslDhparam = pathRow<undefined>(
  {
    name: 'ssl_dhparam',
    contexts: SERVER,
    default: undefined,
    doc: 'Parameters of DHE, PEM; without them no DHE suite is offered.',
  },
  'conf',
)

export const sslBufferSize = sizeRow({
  name: 'ssl_buffer_size',
  contexts: SERVER,
  default: 16_384,
  defaultText: '16k',
  doc: 'Most plaintext bytes of a record. The runtime takes 512 to 16384.',
})

export const sslVerifyClient = choiceRow(
  {
    name: 'ssl_verify_client',
    contexts: SERVER,
    default: 'off',
    doc: 'Whether a client is asked for a certificate, has to have one, and whether it has to be signed by a trusted authority.',
  },
  ['off', 'on', 'optional', 'optional_no_ca'],
)

export const sslVerifyDepth = numberRow({
  name: 'ssl_verify_depth',
  contexts: SERVER,
  default: 1,
  doc: 'Most certificates between the client’s and that of a trusted authority.',
})

export const sslClientCertificate = pathRow<undefined>(
  {
    name: 'ssl_client_certificate',
    contexts: SERVER,
    default: undefined,
    doc: 'Authorities that are trusted for clients and named to them, PEM.',
  },
  'conf',
)

export const sslTrustedCertificate = pathRow<undefined>(
  {
    name: 'ssl_trusted_certificate',
    contexts: SERVER,
    default: undefined,
    doc: 'Authorities that are trusted for clients without being named to them, PEM.',
  },
  'conf',
)

export const sslCrl = pathRow<undefined>(
  { name: 'ssl_crl', contexts: SERVER, default: undefined, doc: 'Revoked certificates, PEM.' },
  'conf',
)

export const sslSessionCache: Directive<SessionCacheRow> = {
  kind: 'single',
  name: 'ssl_session_cache',
  contexts: SERVER,
  args: [1, 2],
  syntax: 'off | none | [builtin[:size]] [shared:name:size]',
  default: { kind: 'none' },
  defaultText: 'none',
  doc: 'Sessions that are kept for clients without tickets.',
  parse: readSessionCache,
  merge: (_earlier, later) => later,
}

export const sslSessionTickets = flagRow({
  name: 'ssl_session_tickets',
  contexts: SERVER,
  default: true,
  doc: 'Whether clients keep their sessions themselves, sealed. The key is made by the master: workers share it, reloads keep it.',
})

export const sslSessionTicketKey = listRow<string>(
  {
    name: 'ssl_session_ticket_key',
    contexts: SERVER,
    doc: 'A file of 48 or 80 random bytes that seals tickets; the first of several seals, all open.',
  },
  'file',
  (text, at) => at.path(text, 'conf'),
)

export const sslSessionTimeout = secondsRow({
  name: 'ssl_session_timeout',
  contexts: SERVER,
  default: 300,
  defaultText: '5m',
  doc: 'How long a session can be resumed.',
})

export const sslStapling = flagRow({
  name: 'ssl_stapling',
  contexts: SERVER,
  default: false,
  doc: 'Whether the answer of ssl_stapling_file goes to clients that ask for the state of the certificate. Answers are not fetched from a responder.',
})

export const sslStaplingFile = pathRow<undefined>(
  {
    name: 'ssl_stapling_file',
    contexts: SERVER,
    default: undefined,
    doc: 'An OCSP response, DER.',
  },
  'conf',
)

export const sslRejectHandshake = flagRow({
  name: 'ssl_reject_handshake',
  contexts: SERVER,
  default: false,
  doc: 'Whether handshakes for the server’s names are refused.',
})

export const sslEarlyData = flagRow({
  name: 'ssl_early_data',
  contexts: SERVER,
  default: false,
  doc: 'Data in the first flight of TLS 1.3. Not taken: clients send it again after the handshake.',
})

export const sslCertificateCompression = flagRow({
  name: 'ssl_certificate_compression',
  contexts: SERVER,
  default: false,
  doc: 'Whether certificates are sent compressed to clients that can read them so (RFC 8879).',
})

/** `name value` of OpenSSL's SSL_CONF_cmd. */
export interface ConfCommand {
  readonly name: string
  readonly value: string
}

export const sslConfCommand: ListDirective<ConfCommand> = {
  kind: 'list',
  name: 'ssl_conf_command',
  contexts: SERVER,
  args: 2,
  syntax: 'name value',
  doc: 'A command of OpenSSL: Protocol, MinProtocol, MaxProtocol, CipherString, Ciphersuites, Curves, Groups, SignatureAlgorithms, Options, Certificate, PrivateKey.',
  parse: ([name, value]) => ({ name: name?.text ?? '', value: value?.text ?? '' }),
}

/** Switches TLS on for every address of the server; taken out of nginx in 1.25.1. */
export const ssl: Directive<boolean> = {
  ...flagRow({ name: 'ssl', contexts: SERVER, default: false, doc: 'Old form of `listen ... ssl`.' }),
  parse: ([word], at) => {
    at.warn('the "ssl" directive is deprecated, use the "listen ... ssl" directive instead')
    return readFlag(word?.text ?? '', at)
  },
}

/** Asks responders about client certificates: who relies on it must not be served without. */
const sslOcsp: Directive<undefined> = valueRow<undefined>(
  {
    name: 'ssl_ocsp',
    contexts: SERVER,
    default: undefined,
    defaultText: 'off',
    doc: 'Asks a responder about the certificates of clients. Only off.',
  },
  'on | off | leaf',
  (text, at) => {
    if (text === 'on' || text === 'leaf')
      at.fail('"ssl_ocsp" is not implemented by this server; revoked certificates can be listed by "ssl_crl"')
    if (text !== 'off') at.fail(`invalid value "${text}"`)
    return undefined
  },
)

const NO_RESPONDER = 'no OCSP responder is asked'

const withoutEffect: readonly AnyDirective[] = [
  textRow<string>({
    name: 'ssl_ocsp_responder',
    contexts: SERVER,
    default: '',
    doc: 'Responder for the certificates of clients.',
    noEffect: NO_RESPONDER,
  }),
  valueRow<undefined>(
    {
      name: 'ssl_ocsp_cache',
      contexts: SERVER,
      default: undefined,
      defaultText: 'off',
      doc: 'Cache of what responders said.',
      noEffect: NO_RESPONDER,
    },
    'off | shared:name:size',
    (text, at) => {
      const [, size] = /^shared:[^:]+:(.+)$/.exec(text) ?? []
      if (text !== 'off' && (size === undefined || parseSize(size) === undefined))
        at.fail(`invalid OCSP cache "${text}"`)
      return undefined
    },
  ),
  textRow<string>({
    name: 'ssl_stapling_responder',
    contexts: SERVER,
    default: '',
    doc: 'Responder for the server’s own certificate.',
    noEffect: NO_RESPONDER,
  }),
  flagRow({
    name: 'ssl_stapling_verify',
    contexts: SERVER,
    default: false,
    doc: 'Whether answers of the responder are verified.',
    noEffect: NO_RESPONDER,
  }),
  {
    kind: 'single',
    name: 'ssl_certificate_cache',
    contexts: SERVER,
    args: { min: 1, max: 3 },
    syntax: 'off | max=N [inactive=time] [valid=time]',
    default: undefined,
    doc: 'Cache of certificates whose names hold variables.',
    noEffect: 'such certificates are read at every handshake and parsed when they changed',
    parse: (args, at) => {
      for (const { text } of args) {
        const [, time] = /^(?:inactive|valid)=(.*)$/.exec(text) ?? []
        if (time !== undefined) readSeconds(time, at)
        else if (!/^(off|max=[1-9]\d*)$/.test(text)) at.fail(`invalid parameter "${text}"`)
      }
      return undefined
    },
  },
  listRow<string>(
    {
      name: 'ssl_ech_file',
      contexts: SERVER,
      doc: 'Keys of the encrypted ClientHello.',
      noEffect: 'the runtime cannot decrypt a ClientHello; clients fall back to the outer name',
    },
    'file',
    readText,
  ),
  flagRow({
    name: 'http2',
    contexts: SERVER,
    default: false,
    doc: 'HTTP/2.',
    noEffect: 'clients are answered with HTTP/1.1',
  }),
]

export const sslDirectives: readonly AnyDirective[] = [
  ssl,
  sslCertificate,
  sslCertificateKey,
  sslPasswordFile,
  sslProtocols,
  sslCiphers,
  sslPreferServerCiphers,
  sslEcdhCurve,
  sslDhparam,
  sslBufferSize,
  sslVerifyClient,
  sslVerifyDepth,
  sslClientCertificate,
  sslTrustedCertificate,
  sslCrl,
  sslSessionCache,
  sslSessionTickets,
  sslSessionTicketKey,
  sslSessionTimeout,
  sslStapling,
  sslStaplingFile,
  sslRejectHandshake,
  sslEarlyData,
  sslCertificateCompression,
  sslConfCommand,
  sslOcsp,
  ...withoutEffect,
]
