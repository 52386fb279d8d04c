/** `*_ssl_*` of a `*_pass`: one table of rows for every protocol that nginx speaks over TLS (ngx_http_proxy_set_ssl). */
import { readText } from '../../config/arguments.ts'
import { type ComplexValue } from '../../config/complex-value.ts'
import type { AnyDirective, Context, Directive } from '../../config/directive.ts'
import {
  choicesRow,
  complexValueRow,
  flagRow,
  keyValueRow,
  listRow,
  numberRow,
  pathRow,
  textRow,
} from '../../config/rows.ts'
import type { Statement } from '../../config/ast.ts'
import { nginxPath } from '../../config/path.ts'
import type { Scope } from '../../config/scope.ts'
import {
  createClientContext,
  type ClientContext,
  type ClientContextOptions,
} from '../../io/tls/client-context.ts'
import type { ClientTls } from '../../io/tls/client-socket.ts'
import { LruCache } from '../../util/lru-cache.ts'
import { parseIp } from '../../util/ip-address.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'
import * as files from '../tls/certificate-files.ts'
import { applyCommands } from '../tls/conf-commands.ts'
import type { ProtocolWord } from '../tls/ssl-directives.ts'
import type { Value } from '../value.ts'
import type { AttemptParts } from './exchange.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
const DEFAULT_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'
/** Contexts of certificates whose names hold variables. */
const MAX_EVALUATED = 100

type Optional = Directive<ComplexValue | undefined>

export interface UpstreamTlsRows {
  readonly prefix: string
  readonly sessionReuse: Directive<boolean>
  readonly protocols: Directive<ReadonlySet<ProtocolWord>>
  readonly ciphers: Directive<string>
  readonly name: Optional
  readonly serverName: Directive<boolean>
  readonly verify: Directive<boolean>
  readonly verifyDepth: Directive<number>
  readonly trusted: Directive<string | undefined>
  readonly crl: Directive<string | undefined>
  readonly certificate: Optional
  readonly key: Optional
  readonly passwordFile: Directive<string | undefined>
  readonly commands: ReturnType<typeof keyValueRow>
  readonly all: readonly AnyDirective[]
}

/** Rows whose names begin with `prefix_ssl_`. */
export function upstreamTlsRows(prefix: string): UpstreamTlsRows {
  const at = (name: string): { name: string; contexts: readonly Context[] } => ({
    name: `${prefix}_ssl_${name}`,
    contexts: CONTEXTS,
  })
  const rows = {
    sessionReuse: flagRow({
      ...at('session_reuse'),
      default: true,
      doc: 'Whether sessions with the upstream are resumed.',
    }),
    protocols: choicesRow<ProtocolWord>(
      {
        ...at('protocols'),
        default: new Set<ProtocolWord>(['TLSv1.2', 'TLSv1.3']),
        doc: 'Versions that are spoken with the upstream.',
      },
      PROTOCOLS,
    ),
    ciphers: textRow<string>({
      ...at('ciphers'),
      default: 'DEFAULT',
      doc: 'Cipher suites of TLS 1.2 and older, in the format of OpenSSL.',
    }),
    name: complexValueRow<undefined>({
      ...at('name'),
      default: undefined,
      defaultText: 'host of the address',
      doc: 'Name that the certificate of the upstream must be for, and that is asked for.',
    }),
    serverName: flagRow({
      ...at('server_name'),
      default: false,
      doc: 'Whether the name is said in the handshake (SNI).',
    }),
    verify: flagRow({
      ...at('verify'),
      default: false,
      doc: 'Whether the certificate of the upstream is verified.',
    }),
    verifyDepth: numberRow({
      ...at('verify_depth'),
      default: 1,
      doc: 'Most certificates between that of the upstream and an authority.',
    }),
    trusted: pathRow<undefined>(
      { ...at('trusted_certificate'), default: undefined, doc: 'Authorities, PEM.' },
      'conf',
    ),
    crl: pathRow<undefined>({ ...at('crl'), default: undefined, doc: 'Revoked certificates, PEM.' }, 'conf'),
    certificate: complexValueRow<undefined>({
      ...at('certificate'),
      default: undefined,
      doc: 'Certificate that the upstream is shown: a file, or `data:` and its text.',
    }),
    key: complexValueRow<undefined>({
      ...at('certificate_key'),
      default: undefined,
      doc: 'Key of that certificate.',
    }),
    passwordFile: pathRow<undefined>(
      { ...at('password_file'), default: undefined, doc: 'Passwords of an encrypted key.' },
      'conf',
    ),
    commands: keyValueRow({ ...at('conf_command'), doc: 'A command of OpenSSL, as for `ssl_conf_command`.' }),
  }
  const inert = [
    listRow<string>(
      {
        ...at('certificate_cache'),
        doc: 'Cache of certificates whose names hold variables.',
        noEffect: 'such certificates are parsed when they changed',
      },
      'off | max=N',
      readText,
    ),
    listRow<string>(
      { ...at('key_log'), doc: 'File for the secrets of connections.', noEffect: 'secrets are not written' },
      'path',
      readText,
    ),
  ].map((row) => ({ ...row, args: { min: 1, max: 3 } }))
  return { prefix, ...rows, all: [...Object.values(rows), ...inert] }
}

/** What a request's connection is made with. `host` is that of the address, with or without port. */
export type UpstreamTls = (request: Request, host: string) => ClientTls

/** What an attempt is made with where TLS is spoken. */
export function withTls(
  attempt: AttemptParts,
  tls: UpstreamTls | undefined,
  request: Request,
  host: string,
): AttemptParts {
  return tls ? { ...attempt, dialling: { ...attempt.dialling, tls: tls(request, host) } } : attempt
}

/** @throws ConfigError */
export function compileUpstreamTls(
  rows: UpstreamTlsRows,
  scope: Scope,
  context: CompileContext,
  at: Statement,
): UpstreamTls {
  try {
    return new UpstreamTlsCompiler(rows, scope, context, at).compile()
  } catch (error) {
    if (error instanceof files.CertificateError) return context.fail(error.message, at)
    if (
      error instanceof Error &&
      'code' in error &&
      /^ERR_(SSL|OSSL|CRYPTO|TLS|INVALID_ARG)/.test(String(error.code))
    )
      return context.fail(`SSL_CTX_new() failed (SSL: ${error.message})`, at)
    throw error
  }
}

class UpstreamTlsCompiler {
  readonly #rows: UpstreamTlsRows
  readonly #scope: Scope
  readonly #context: CompileContext
  readonly #at: Statement
  readonly #read: files.ReadFile

  constructor(rows: UpstreamTlsRows, scope: Scope, context: CompileContext, at: Statement) {
    this.#rows = rows
    this.#scope = scope
    this.#context = context
    this.#at = at
    this.#read = (path) => context.files.read(path)
  }

  compile(): UpstreamTls {
    const rows = this.#rows
    const scope = this.#scope
    const verifies = scope.get(rows.verify)
    if (verifies && scope.get(rows.trusted) === undefined)
      this.#context.fail(`no ${rows.prefix}_ssl_trusted_certificate for ${rows.prefix}_ssl_verify`, this.#at)
    const contextOf = this.#contexts()
    const name = this.#value(rows.name)
    const saysName = scope.get(rows.serverName)
    const depth = scope.get(rows.verifyDepth)
    return (request, host) => {
      const peerName = bareName(name ? name.evaluate(request) : host)
      const context = contextOf(request)
      return {
        context,
        key: `${context.serial} ${peerName}`,
        serverName: saysName && isDomain(peerName) ? peerName : undefined,
        verify: verifies ? { name: peerName, depth } : undefined,
      }
    }
  }

  #value(row: Optional): Value | undefined {
    const bound = this.#scope.find(row)
    const value = this.#scope.get(row)
    return value && bound && value.source !== '' ? this.#context.value(value, bound.statement) : undefined
  }

  #contexts(): (request: Request) => ClientContext {
    const certificate = this.#value(this.#rows.certificate)
    const key = this.#value(this.#rows.key)
    const reuse = this.#scope.get(this.#rows.sessionReuse)
    const passwords = this.#passwords()
    const options = this.#options()
    if (!certificate) {
      const shared = createClientContext(options, reuse)
      return () => shared
    }
    if (!key)
      return this.#context.fail(
        `no "${this.#rows.prefix}_ssl_certificate_key" is defined for certificate "${this.#scope.get(this.#rows.certificate)?.source ?? ''}"`,
        this.#at,
      )
    const make = (first: string, second: string, read: files.ReadFile): ClientContext => {
      const pair = files.loadPair(this.#path(first), this.#path(second), passwords, read)
      return createClientContext({ ...options, certificates: [pair] }, reuse)
    }
    if (certificate.constant !== undefined && key.constant !== undefined) {
      const shared = make(certificate.constant, key.constant, this.#read)
      return () => shared
    }
    createClientContext(options, false) // what is wrong with the rest is found now
    const made = new LruCache<string, ClientContext>(MAX_EVALUATED)
    const none = createClientContext(options, reuse)
    return (request) => {
      const first = certificate.evaluate(request)
      const second = key.evaluate(request)
      if (first === '') return none
      const identity = `${first}\n${second}`
      let found = made.get(identity)
      if (!found)
        made.set(identity, (found = make(first, second, (path) => this.#context.files.readNow(path))))
      return found
    }
  }

  #passwords(): string[] {
    const path = this.#scope.get(this.#rows.passwordFile)
    return path === undefined ? [] : files.loadPasswords(path, this.#read)
  }

  #options(): ClientContextOptions {
    const scope = this.#scope
    const rows = this.#rows
    const changes = applyCommands(
      scope.findList(rows.commands).map((bound) => {
        const { key, value } = bound.value as { key: string; value: ComplexValue }
        return { command: { name: key, value: value.source }, bound }
      }),
      scope.get(rows.protocols),
      (message, bound) => this.#context.fail(message, bound.statement),
      (relative) => this.#path(relative),
    )
    const trusted = scope.get(rows.trusted)
    const crl = scope.get(rows.crl)
    const protocols = new Set<'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'>()
    for (const word of changes.protocols ?? scope.get(rows.protocols))
      if (word !== 'SSLv2' && word !== 'SSLv3') protocols.add(word)
    return {
      certificates:
        changes.certificate === undefined
          ? []
          : [
              files.loadPair(
                changes.certificate,
                changes.key ?? changes.certificate,
                this.#passwords(),
                this.#read,
              ),
            ],
      protocols,
      ciphers: changes.ciphers ?? scope.get(rows.ciphers),
      cipherSuites: changes.cipherSuites ?? DEFAULT_SUITES,
      curves: changes.curves ?? 'auto',
      signatures: changes.signatures,
      authorities:
        trusted === undefined
          ? []
          : files.loadAuthorities(trusted, 'SSL_CTX_load_verify_locations', this.#read),
      revocations: crl === undefined || trusted === undefined ? [] : files.loadRevocations(crl, this.#read),
    }
  }

  #path(source: string): string {
    return /^(data|engine|store):/.test(source) ? source : nginxPath(this.#context.confFolder, source)
  }
}

/** Without port and brackets (ngx_http_upstream_ssl_name). */
function bareName(name: string): string {
  const [, literal] = /^\[([^\]]*)\]/.exec(name) ?? []
  if (literal !== undefined) return literal
  return name.replace(/:[^:]*$/, '')
}

/** SNI has no place for addresses (RFC 6066 section 3). */
function isDomain(name: string): boolean {
  return name !== '' && !parseIp(name) && !name.startsWith('unix')
}
