/** The core settings of a scope (`http`, `server`, `location`), merged as nginx merges them. */
import { compileSymlinks } from '../disable-symlinks.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Scope } from '../../config/scope.ts'
import { createErrorLogger } from '../../io/error-logger.ts'
import type { NamedLogs } from '../../io/named-logs.ts'
import { LogConflict, type LogDestination } from '../../io/log-destination.ts'
import type { AccessLog, LogFormat } from '../access-log.ts'
import * as core from '../core-directives.ts'
import { ErrorLog } from '../error-log.ts'
import { OpenFileCache, type OpenFileCacheSize } from '../../io/files/open-file-cache.ts'
import * as openFile from '../open-file-directives.ts'
import type { CompileContext } from '../front-module.ts'
import { COMBINED, compileLogFormat, jsonLogFormat } from '../log-format.ts'
import { addedHeadersOf, expires, type AddHeader } from '../modules/headers.ts'
import { limitRateAfter, rateValue } from '../modules/limit-rate.ts'
import {
  accessLog,
  errorLog,
  logFormat,
  openLogFileCache,
  type AccessLogRow,
  type ErrorLogRow,
} from '../modules/log.ts'
import type { LocationMatcher } from '../location-matcher.ts'
import type {
  AddedHeader,
  ErrorPage,
  Expires,
  LocationSettings,
  MinRate,
  OpenFiles,
} from '../server-config.ts'
import { compileValue } from '../value.ts'

/** Formats by name, compiled once for the whole conf. */
export function compileLogFormats(http: Scope, context: CompileContext): Map<string, LogFormat> {
  const formats = new Map([['combined', compileLogFormat(COMBINED, 'default', context.variables)]])
  for (const bound of http.findList(logFormat)) {
    const { name, escape, text } = bound.value as { name: string; escape: 'default'; text: string }
    if (formats.has(name)) context.fail(`duplicate "log_format" name "${name}"`, bound.statement)
    try {
      formats.set(name, compileLogFormat(text, escape, context.variables))
    } catch (error) {
      context.fail(error instanceof Error ? error.message : String(error), bound.statement)
    }
  }
  // our own format gives way to one of the conf that has its name
  if (!formats.has('json')) formats.set('json', jsonLogFormat(context.variables))
  return formats
}

export function compileSettings(
  scope: Scope,
  context: CompileContext,
  formats: Map<string, LogFormat>,
): LocationSettings {
  const keepalive = scope.get(core.keepaliveTimeout)
  const { root, alias, aliasPrefix } = compileRoot(scope, context)
  return {
    root,
    alias,
    aliasPrefix,
    types: scope.get(core.types),
    defaultType: scope.get(core.defaultType),
    errorPages: compileErrorPages(scope, context),
    addedHeaders: compileAddedHeaders(scope, context),
    expires: compileExpires(scope, context),
    accessLogs: compileAccessLogs(scope, context, formats),
    errorLog: compileErrorLog(scope, context),
    recursiveErrorPages: scope.get(core.recursiveErrorPages),
    logNotFound: scope.get(core.logNotFound),
    logSubrequest: scope.get(core.logSubrequest),
    keepaliveTimeoutMs: keepalive.timeoutMs,
    keepaliveHeaderSeconds: keepalive.headerSeconds,
    keepaliveRequests: scope.get(core.keepaliveRequests),
    keepaliveTimeMs: scope.get(core.keepaliveTime),
    keepaliveMinTimeoutMs: scope.get(core.keepaliveMinTimeout),
    keepaliveDisable: scope.get(core.keepaliveDisable),
    sendTimeoutMs: scope.get(core.sendTimeout),
    bodyTimeoutMs: scope.get(core.clientBodyTimeout),
    bodyBufferBytes: scope.get(core.clientBodyBufferSize),
    bodyTempPath: scope.get(core.clientBodyTempPath),
    bodyInFileOnly: scope.get(core.clientBodyInFileOnly),
    bodyMinRate: bodyMinRate(scope),
    limitRateAfter: rateValue(scope, context, limitRateAfter),
    maxBodyBytes: scope.get(core.clientMaxBodySize),
    lingeringClose: scope.get(core.lingeringClose),
    lingeringTimeMs: scope.get(core.lingeringTime),
    lingeringTimeoutMs: scope.get(core.lingeringTimeout),
    resetTimedout: scope.get(core.resetTimedout),
    serverTokens: scope.get(core.serverTokens),
    etag: scope.get(core.etag),
    ifModifiedSince: scope.get(core.ifModifiedSince),
    maxRanges: scope.get(core.maxRanges),
    absoluteRedirect: scope.get(core.absoluteRedirect),
    portInRedirect: scope.get(core.portInRedirect),
    serverNameInRedirect: scope.get(core.serverNameInRedirect),
    chunkedTransferEncoding: scope.get(core.chunkedTransferEncoding),
    openFiles: compileOpenFiles(scope),
    symlinks: compileSymlinks(scope, context),
  }
}

function bodyMinRate(scope: Scope): MinRate | undefined {
  const rate = scope.get(core.clientBodyMinRate)
  if (rate) return rate.bytesPerSecond === 0 ? undefined : rate
  return scope.get(core.strictHttp) ? core.STRICT_BODY_MIN_RATE : undefined
}

/** The nearest `root` or `alias`; relative ones are under the prefix. */
function compileRoot(
  scope: Scope,
  context: CompileContext,
): Pick<LocationSettings, 'root' | 'alias' | 'aliasPrefix'> {
  refuseBoth(scope, context)
  const owner = rootOwner(scope)
  const aliased = owner?.own(core.alias)
  const bound = owner?.find(aliased ? core.alias : core.root)
  const value = aliased ?? owner?.own(core.root)?.value ?? core.root.default.value
  const absolute = value.source.startsWith('/') || value.source.startsWith('$')
  const text = absolute ? value.source : `${context.prefix.replace(/\/$/, '')}/${value.source}`
  const root = bound ? context.value(text, bound.statement) : compileValue(text, context.variables)
  const matcher = aliased && matcherOf(owner)
  if (bound && matcher?.kind === 'named')
    context.fail('the "alias" directive cannot be used inside the named location', bound.statement)
  return {
    root,
    alias: aliased !== undefined,
    aliasPrefix: matcher && matcher.kind !== 'regex' ? matcher.text : undefined,
  }
}

/** The scope that says where files are: an inner one without either directive has both of the outer one. */
function rootOwner(scope: Scope): Scope | undefined {
  let owner: Scope | undefined = scope
  while (owner && !owner.has(core.root) && !owner.has(core.alias)) owner = owner.parent
  return owner
}

function matcherOf(owner: Scope | undefined): LocationMatcher | undefined {
  return owner?.parent?.blocks(core.location).find(({ scope }) => scope === owner)?.value
}

/** In one scope they contradict each other. */
function refuseBoth(scope: Scope, context: CompileContext): void {
  const own = scope.bound.filter(({ directive }) => directive === core.root || directive === core.alias)
  const [first, second] = own.map(({ statement }) => statement)
  if (!first || !second) return
  context.fail(
    `"${second.name}" directive is duplicate, "${first.name}" directive was specified earlier`,
    second,
  )
}

/** One cache for each `open_file_cache` of the conf, by what the directive was parsed to. */
const openFileCaches = new WeakMap<OpenFileCacheSize, OpenFileCache>()

function compileOpenFiles(scope: Scope): OpenFiles | undefined {
  const size = scope.get(openFile.openFileCache)
  if (!size) return undefined
  let cache = openFileCaches.get(size)
  if (!cache) openFileCaches.set(size, (cache = new OpenFileCache(size)))
  const rules = {
    validMs: scope.get(openFile.openFileCacheValid) * 1000,
    minUses: scope.get(openFile.openFileCacheMinUses),
    errors: scope.get(openFile.openFileCacheErrors),
  }
  return { cache, rules }
}

function compileErrorPages(scope: Scope, context: CompileContext): ReadonlyMap<number, ErrorPage> {
  const pages = new Map<number, ErrorPage>()
  for (const bound of scope.findList(core.errorPage)) {
    const { statuses, overwrite, target } = bound.value as core.ErrorPageRow
    const kind = target.source.startsWith('@')
      ? 'named'
      : target.source.startsWith('/') || target.source.startsWith('$')
        ? 'uri'
        : 'url'
    const page: ErrorPage = { target: context.value(target, bound.statement), overwrite, kind }
    for (const status of statuses) if (!pages.has(status)) pages.set(status, page)
  }
  return pages
}

function compileExpires(scope: Scope, context: CompileContext): LocationSettings['expires'] {
  const bound = scope.find(expires)
  const row = scope.get(expires)
  if (row.kind !== 'evaluated' || !bound) return row as Expires
  return { kind: 'evaluated', modified: row.modified, value: context.value(row.value, bound.statement) }
}

function compileAddedHeaders(scope: Scope, context: CompileContext): AddedHeader[] {
  return addedHeadersOf(scope).map((bound) => {
    const { name, value, always } = bound.value as AddHeader
    const lower = name.toLowerCase()
    const replaces = lower === 'last-modified' || lower === 'etag' ? lower : undefined
    return { name, always, replaces, value: context.value(value, bound.statement) }
  })
}

function compileAccessLogs(
  scope: Scope,
  context: CompileContext,
  formats: Map<string, LogFormat>,
): AccessLog[] {
  const bounds = scope.findList(accessLog)
  if (bounds.length === 0) return [defaultAccessLog(context, formats)]
  const logs: AccessLog[] = []
  let named: NamedLogs | undefined
  for (const bound of bounds) {
    const { path, format: name, condition, buffering } = bound.value as AccessLogRow
    if (path === undefined) return []
    const format = formats.get(name) ?? context.fail(`unknown log format "${name}"`, bound.statement)
    logs.push({
      destination: path.includes('$')
        ? { name: context.value(path, bound.statement), logs: (named ??= namedLogs(scope, context)) }
        : openLog(path, context, buffering),
      format,
      condition: condition ? context.value(condition, bound.statement) : undefined,
    })
  }
  return logs
}

const namedLogsOf = new WeakMap<object, NamedLogs>()

/** One cache for all scopes that share an `open_log_file_cache`; without one, nothing is kept. */
function namedLogs(scope: Scope, context: CompileContext): NamedLogs {
  const limits = scope.get(openLogFileCache)
  const owner = limits ?? context
  let logs = namedLogsOf.get(owner)
  if (!logs) namedLogsOf.set(owner, (logs = context.logs.named(limits)))
  return logs
}

function defaultAccessLog(context: CompileContext, formats: Map<string, LogFormat>): AccessLog {
  const format = formats.get('combined') as LogFormat
  return { destination: openLog(`${context.prefix}/logs/access.log`, context), format, condition: undefined }
}

const errorLogs = new WeakMap<object, Map<string, ErrorLog>>()

/** Scopes with the same `error_log` lines share one logger. */
function compileErrorLog(scope: Scope, context: CompileContext): ErrorLog {
  const rows = scope.list(errorLog)
  const targets: readonly ErrorLogRow[] =
    rows.length > 0 ? rows : [{ path: context.defaultErrorLog, level: 'error' }]
  const key = targets.map(({ path, level }) => `${level} ${path}`).join('\n')
  let known = errorLogs.get(context)
  if (!known) errorLogs.set(context, (known = new Map<string, ErrorLog>()))
  let log = known.get(key)
  if (!log) {
    log = new ErrorLog(
      createErrorLogger(targets.map(({ path, level }) => ({ destination: openLog(path, context), level }))),
    )
    known.set(key, log)
  }
  return log
}

/** @throws ConfigError `open() "path" failed (2: No such file or directory)` */
function openLog(
  path: string,
  context: CompileContext,
  buffering?: AccessLogRow['buffering'],
): LogDestination {
  try {
    return context.logs.open(path, buffering)
  } catch (error) {
    if (error instanceof LogConflict) throw new ConfigError(`access_log ${error.message}`)
    const { errno = 0, message } = error as NodeJS.ErrnoException
    const reason = message.replace(/^\w+: /, '').replace(/,.*$/, '')
    throw new ConfigError(
      `open() "${path}" failed (${-errno}: ${reason.charAt(0).toUpperCase()}${reason.slice(1)})`,
    )
  }
}
