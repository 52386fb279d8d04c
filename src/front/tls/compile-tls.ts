/** From `ssl_*` directives to contexts of OpenSSL (ngx_http_ssl_merge_srv_conf). */
import type { BoundStatement, Scope } from '../../config/scope.ts'
import type { Statement } from '../../config/ast.ts'
import { nginxPath } from '../../config/path.ts'
import type { ConfFiles } from '../../io/files/conf-files.ts'
import {
  createServerContext,
  type CertificatePair,
  type ServerContext,
  type ServerContextOptions,
} from '../../io/tls/server-context.ts'
import { countedSessions, SessionCache } from '../../io/tls/session-cache.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'
import * as files from './certificate-files.ts'
import { applyCommands, type CommandChanges } from './conf-commands.ts'
import type { ServerTls } from './server-tls.ts'
import * as rows from './ssl-directives.ts'

/** What a master makes once and its workers share. */
export interface TlsMaterial {
  readonly files: ConfFiles
  /** Seals tickets where no file does. */
  readonly ticketKey: Buffer
}

/** TLS 1.3 as OpenSSL has it by itself. */
const DEFAULT_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'
/** Contexts of certificates whose names hold variables. */
const MAX_EVALUATED = 1000

/** A certificate and its key as written, and compiled where variables occur. */
interface PairSource {
  readonly certificate: string
  readonly key: string
  readonly evaluated: readonly [certificate: Value, key: Value] | undefined
}

export class TlsCompiler {
  readonly #context: CompileContext
  readonly #material: TlsMaterial
  readonly #known = new Map<Scope, ServerTls>()

  constructor(context: CompileContext, material: TlsMaterial) {
    this.#context = context
    this.#material = material
  }

  /** Servers that set nothing of their own share what is made for the block around them. */
  compile(scope: Scope): ServerTls {
    const owner = ownerOf(scope)
    let tls = this.#known.get(owner)
    if (!tls) this.#known.set(owner, (tls = this.#compile(owner)))
    return tls
  }

  #compile(scope: Scope): ServerTls {
    const passwords = this.#passwords(scope)
    return {
      enabled: scope.get(rows.ssl),
      verify: scope.get(rows.sslVerifyClient),
      verifyDepth: scope.get(rows.sslVerifyDepth),
      rejectHandshake: scope.get(rows.sslRejectHandshake),
      context: this.#contextOf(scope, passwords),
    }
  }

  /** Read even where no key needs them: a file that is not there is a fault of the conf (nginx). */
  #passwords(scope: Scope): readonly string[] {
    const path = scope.get(rows.sslPasswordFile)
    const bound = scope.find(rows.sslPasswordFile)
    if (path === undefined || !bound) return []
    return this.#load(bound.statement, (read) => files.loadPasswords(path, read))
  }

  /** What is wrong with the files of one directive is said of its place. */
  #load<T>(at: Statement, load: (read: files.ReadFile) => T): T {
    try {
      return load((path) => this.#material.files.read(path))
    } catch (error) {
      if (error instanceof files.CertificateError) return this.#context.fail(error.message, at)
      throw error
    }
  }

  #contextOf(scope: Scope, passwords: readonly string[]): ServerTls['context'] {
    const bounds = scope.findList(rows.sslCertificate)
    const [first] = bounds
    if (!first) return undefined
    const at = first.statement
    try {
      return this.#build(scope, this.#sources(scope, bounds), passwords, at)
    } catch (error) {
      if (error instanceof files.CertificateError || isOpenSslError(error))
        return this.#context.fail(opensslLine(error, scope), at)
      throw error
    }
  }

  #sources(scope: Scope, bounds: readonly BoundStatement[]): PairSource[] {
    const keys = scope.findList(rows.sslCertificateKey)
    const last = bounds.at(-1)
    if (last && keys.length < bounds.length)
      this.#context.fail(
        `no "ssl_certificate_key" is defined for certificate "${String(last.value)}"`,
        last.statement,
      )
    return bounds.map((bound, index) => {
      const certificate = bound.value as string
      const key = keys[index]?.value as string
      if (!certificate.includes('$') && !key.includes('$'))
        return { certificate: this.#path(certificate), key: this.#path(key), evaluated: undefined }
      const keyStatement = keys[index]?.statement ?? bound.statement
      const evaluated = [
        this.#context.value(certificate, bound.statement),
        this.#context.value(key, keyStatement),
      ] as const
      return { certificate, key, evaluated }
    })
  }

  #path(source: string): string {
    return /^(data|engine|store):/.test(source) ? source : nginxPath(this.#context.confFolder, source)
  }

  #build(
    scope: Scope,
    sources: readonly PairSource[],
    passwords: readonly string[],
    at: Statement,
  ): ServerTls['context'] {
    const read: files.ReadFile = (path) => this.#material.files.read(path)
    const changes = this.#commands(scope)
    const options = this.#options(scope, sources, changes, read, at)
    if (sources.every(({ evaluated }) => !evaluated)) {
      const pairs = sources.map(({ certificate, key }) => files.loadPair(certificate, key, passwords, read))
      const { certificate, key } = changes
      if (certificate !== undefined)
        pairs.push(files.loadPair(certificate, key ?? certificate, passwords, read))
      const context = createServerContext({ ...options, certificates: pairs })
      return () => context
    }
    // What is wrong with the rest is to be found now and not in a handshake.
    createServerContext({ ...options, certificates: [] })
    return this.#evaluated(sources, passwords, options)
  }

  #evaluated(
    sources: readonly PairSource[],
    passwords: readonly string[],
    options: ServerContextOptions,
  ): (request: () => Request) => ServerContext {
    const made = new Map<string, ServerContext>()
    const read: files.ReadFile = (path) => this.#material.files.readNow(path)
    return (makeRequest) => {
      const request = makeRequest()
      const pairs = sources.map(({ certificate, key, evaluated }): CertificatePair => {
        const [first, second] = evaluated ?? []
        const source = first ? this.#path(first.evaluate(request)) : certificate
        return files.loadPair(source, second ? this.#path(second.evaluate(request)) : key, passwords, read)
      })
      const identity = pairs.map(({ certificate, key }) => certificate + key).join('')
      let context = made.get(identity)
      if (!context) {
        if (made.size >= MAX_EVALUATED) made.clear()
        made.set(identity, (context = createServerContext({ ...options, certificates: pairs })))
      }
      return context
    }
  }

  #commands(scope: Scope): CommandChanges {
    return applyCommands(
      scope
        .findList(rows.sslConfCommand)
        .map((bound) => ({ command: bound.value as rows.ConfCommand, bound })),
      scope.get(rows.sslProtocols),
      (message, bound) => this.#context.fail(message, bound.statement),
      (relative) => this.#path(relative),
    )
  }

  #options(
    scope: Scope,
    sources: readonly PairSource[],
    changes: CommandChanges,
    read: files.ReadFile,
    at: Statement,
  ): ServerContextOptions {
    const verify = scope.get(rows.sslVerifyClient)
    const authorities = this.#authorities(scope, read, at)
    if (verify !== 'off') this.#warnOfDepth(scope)
    const early = scope.find(rows.sslEarlyData)
    if (early?.value === true)
      this.#context.warn(
        '"ssl_early_data" has no effect: the runtime takes no data before the handshake is done',
        early.statement,
      )
    const dhparam = scope.get(rows.sslDhparam)
    const recordBytes = scope.get(rows.sslBufferSize)
    return {
      certificates: [],
      protocols: this.#protocols(scope, changes),
      ciphers: changes.ciphers ?? scope.get(rows.sslCiphers),
      cipherSuites: changes.cipherSuites ?? DEFAULT_SUITES,
      curves: changes.curves ?? scope.get(rows.sslEcdhCurve),
      signatures: changes.signatures,
      preferServerCiphers: changes.preferServerCiphers ?? scope.get(rows.sslPreferServerCiphers),
      dhParameters: dhparam === undefined ? undefined : files.loadWhole(dhparam, read).toString('latin1'),
      ...authorities,
      tickets: changes.tickets ?? scope.get(rows.sslSessionTickets),
      ticketKeys: this.#ticketKeys(scope),
      sessionTimeoutSeconds: scope.get(rows.sslSessionTimeout),
      sessionScope: sessionScope(scope, sources, authorities, verify),
      sessions: this.#sessions(scope),
      requestCertificate: verify !== 'off',
      stapled: this.#stapled(scope, read),
      recordBytes: recordBytes < 16_384 ? Math.max(512, recordBytes) : undefined,
      compressCertificates: scope.get(rows.sslCertificateCompression),
    }
  }

  #authorities(
    scope: Scope,
    read: files.ReadFile,
    at: Statement,
  ): Pick<ServerContextOptions, 'clientAuthorities' | 'trustedAuthorities' | 'revocations'> {
    const verify = scope.get(rows.sslVerifyClient)
    const client = scope.get(rows.sslClientCertificate)
    const trusted = scope.get(rows.sslTrustedCertificate)
    const crl = scope.get(rows.sslCrl)
    if ((verify === 'on' || verify === 'optional') && client === undefined && trusted === undefined)
      this.#context.fail(
        'no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client',
        scope.find(rows.sslVerifyClient)?.statement ?? at,
      )
    const load = (path: string | undefined): string[] =>
      path === undefined ? [] : files.loadAuthorities(path, 'SSL_CTX_load_verify_locations', read)
    return {
      clientAuthorities: verify === 'off' ? [] : load(client),
      trustedAuthorities: load(trusted),
      revocations: crl === undefined ? [] : files.loadRevocations(crl, read),
    }
  }

  #protocols(scope: Scope, changes: CommandChanges): ServerContextOptions['protocols'] {
    const words = changes.protocols ?? scope.get(rows.sslProtocols)
    const spoken = new Set<'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'>()
    for (const word of words) if (word !== 'SSLv2' && word !== 'SSLv3') spoken.add(word)
    const bound = scope.find(rows.sslProtocols)
    if (spoken.size < words.size && bound)
      this.#context.warn('SSLv2 and SSLv3 are not spoken by the runtime', bound.statement)
    return spoken
  }

  #ticketKeys(scope: Scope): Buffer[] {
    const bounds = scope.findList(rows.sslSessionTicketKey)
    if (bounds.length === 0) return [this.#material.ticketKey]
    return bounds.map(({ value, statement }) =>
      this.#load(statement, (read) => files.loadTicketKey(value as string, read)),
    )
  }

  #warnOfDepth(scope: Scope): void {
    const bound = scope.find(rows.sslVerifyDepth)
    if (bound && scope.get(rows.sslVerifyDepth) > 0)
      this.#context.warn(
        '"ssl_verify_depth" counts certificates of ssl_client_certificate and ssl_trusted_certificate: of those that clients send, the runtime shows one',
        bound.statement,
      )
  }

  #sessions(scope: Scope): SessionCache | undefined {
    const row = scope.get(rows.sslSessionCache)
    if (row.kind === 'builtin') return new SessionCache(countedSessions(row.sessions))
    if (row.kind !== 'shared') return undefined
    const zone = this.#context.zones.blobs(`ssl_session_cache ${row.zone}`, row.bytes)
    const lifeMs = scope.get(rows.sslSessionTimeout) * 1000
    return new SessionCache({
      get: (id) => zone.get(id),
      set: (id, session) => zone.put(id, session, lifeMs),
    })
  }

  #stapled(scope: Scope, read: files.ReadFile): Buffer | undefined {
    const bound = scope.find(rows.sslStapling)
    if (!scope.get(rows.sslStapling)) return undefined
    const path = scope.get(rows.sslStaplingFile)
    if (path !== undefined) return files.loadStaple(path, read)
    if (bound)
      this.#context.warn(
        '"ssl_stapling" ignored, no "ssl_stapling_file": responders are not asked',
        bound.statement,
      )
    return undefined
  }
}

/** The nearest block that says anything about TLS. */
function ownerOf(scope: Scope): Scope {
  const says = rows.sslDirectives.some((row) => scope.has(row))
  return says || !scope.parent ? scope : ownerOf(scope.parent)
}

/** Certificates as they are named, and who is trusted: a session of another server is none of ours. */
function sessionScope(
  scope: Scope,
  sources: readonly PairSource[],
  {
    clientAuthorities,
    trustedAuthorities,
  }: Pick<ServerContextOptions, 'clientAuthorities' | 'trustedAuthorities'>,
  verify: string,
): string {
  const names = sources.map(({ certificate }) => certificate)
  const trust =
    verify === 'off' ? [] : [verify, String(scope.get(rows.sslVerifyDepth)), ...trustedAuthorities]
  return ['HTTP', ...names, ...clientAuthorities, ...trust].join('\n')
}

function isOpenSslError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    /^ERR_(SSL|OSSL|CRYPTO|TLS|INVALID_ARG)/.test(String(error.code))
  )
}

/** Named by the call of OpenSSL that nginx makes for the directive at fault. */
function opensslLine(error: Error, scope: Scope): string {
  if (error instanceof files.CertificateError) return error.message
  if (error.message.includes('no cipher match'))
    return `SSL_CTX_set_cipher_list("${scope.get(rows.sslCiphers)}") failed (SSL: ${error.message})`
  if (error.message.includes('ECDH curve'))
    return `SSL_CTX_set1_curves_list("${scope.get(rows.sslEcdhCurve)}") failed (SSL: ${error.message})`
  return `SSL_CTX_new() failed (SSL: ${error.message})`
}
