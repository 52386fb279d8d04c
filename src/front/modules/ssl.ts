/** TLS for clients: its directives and the variables that tell of it (nginx, ngx_http_ssl_module). */
import { cipherName } from '../../protocol/tls/cipher-codes.ts'
import { formatName, formatNameLegacy } from '../../protocol/tls/distinguished-name.ts'
import { groupName, signatureName } from '../../protocol/tls/group-codes.ts'
import type { FrontModule } from '../front-module.ts'
import type { Request } from '../request.ts'
import { sslDirectives } from '../tls/ssl-directives.ts'
import type { TlsSession } from '../tls/tls-session.ts'
import type { VariableRow } from '../variable-table.ts'

const DAY_MS = 86_400_000

function pem(tls: TlsSession): string | undefined {
  return tls.certificate?.toString()
}

/** The PEM without its last line end, a tab before each further line: what a header field could once hold. */
function folded(tls: TlsSession): string | undefined {
  return pem(tls)?.replace(/\n$/, '').replaceAll('\n', '\n\t')
}

/** As `encodeURIComponent` does it, and what that leaves (ngx_escape_uri, NGX_ESCAPE_URI_COMPONENT). */
function escaped(tls: TlsSession): string | undefined {
  const text = pem(tls)
  return (
    text && encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  )
}

function clientVerify(tls: TlsSession, request: Request): string {
  if (!tls.certificate) return 'NONE'
  const failure = tls.verifyFailure(request.server.tls.verifyDepth)
  return failure ? `FAILED:${failure.message}` : 'SUCCESS'
}

function daysLeft({ certificate }: TlsSession): string | undefined {
  if (!certificate) return undefined
  const left = certificate.validToDate.getTime() - Math.floor(Date.now() / 1000) * 1000 // nginx knows whole seconds
  return String(Math.max(0, Math.floor(left / DAY_MS)))
}

function ofHello(
  list: (hello: NonNullable<TlsSession['hello']>) => readonly number[],
  name: (code: number) => string,
): Getter {
  return ({ hello }) => hello && list(hello).map(name).join(':')
}

function curve(tls: TlsSession): string | undefined {
  const group = tls.session?.group ?? 0
  return group === 0 ? undefined : groupName(group)
}

function sessionId(tls: TlsSession): string | undefined {
  return tls.session && Buffer.from(tls.session.id).toString('hex')
}

function fingerprint({ certificate }: TlsSession): string | undefined {
  return certificate?.fingerprint.replaceAll(':', '').toLowerCase()
}

type Getter = (tls: TlsSession, request: Request) => string | undefined

const getters: Readonly<Record<string, Getter>> = {
  ssl_protocol: (tls) => tls.protocol,
  ssl_cipher: (tls) => tls.cipher,
  ssl_ciphers: ofHello((hello) => hello.ciphers, cipherName),
  ssl_curve: curve,
  ssl_curves: ofHello((hello) => hello.groups, groupName),
  ssl_sigalgs: ofHello((hello) => hello.signatures, signatureName),
  ssl_session_id: sessionId,
  ssl_session_reused: (tls) => (tls.reused ? 'r' : '.'),
  ssl_early_data: () => undefined,
  ssl_server_name: (tls) => tls.hello?.serverName,
  ssl_alpn_protocol: (tls) => tls.alpnProtocol,
  ssl_client_cert: folded,
  ssl_client_raw_cert: pem,
  ssl_client_escaped_cert: escaped,
  ssl_client_s_dn: ({ certificateFields: fields }) => fields && formatName(fields.subject),
  ssl_client_i_dn: ({ certificateFields: fields }) => fields && formatName(fields.issuer),
  ssl_client_s_dn_legacy: ({ certificateFields: fields }) => fields && formatNameLegacy(fields.subject),
  ssl_client_i_dn_legacy: ({ certificateFields: fields }) => fields && formatNameLegacy(fields.issuer),
  ssl_client_serial: (tls) => tls.certificateFields?.serial,
  ssl_client_fingerprint: fingerprint,
  ssl_client_verify: clientVerify,
  ssl_client_v_start: (tls) => tls.certificate?.validFrom,
  ssl_client_v_end: (tls) => tls.certificate?.validTo,
  ssl_client_v_remain: daysLeft,
  // What OpenSSL knows and the runtime does not tell.
  ssl_sigalg: () => undefined,
  ssl_client_sigalg: () => undefined,
  ssl_ech_status: () => undefined,
  ssl_ech_outer_server_name: () => undefined,
}

const variables: readonly VariableRow[] = Object.entries(getters).map(([name, get]) => ({
  name,
  get: (request) => {
    const { tls } = request.connection
    return tls && get(tls, request)
  },
}))

export const sslModule: FrontModule = {
  name: 'ssl',
  directives: sslDirectives,
  declare: (_http, context) => {
    context.variables.define(variables)
    return undefined
  },
}
