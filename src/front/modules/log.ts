/** `access_log`, `log_format`, `error_log` as rows. */
import type { Word } from '../../config/ast.ts'
import type { AnyDirective, Context, Directive, ListDirective, ParseContext } from '../../config/directive.ts'
import { LOG_LEVELS, type LogLevel } from '../../io/error-logger.ts'
import type { LogBuffering } from '../../io/log-file.ts'
import type { LogCacheLimits } from '../../io/named-logs.ts'
import { isDatagramSocket } from '../../io/datagram-socket.ts'
import { parseSyslog } from '../../io/syslog-message.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import { parseMilliseconds, parseSeconds } from '../../util/duration.ts'
import { parseSize } from '../../util/size.ts'
import type { LogEscape } from '../log-format.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'location if', 'limit_except']

export interface AccessLogRow {
  /** Absolute path, `stdout` or `stderr`; undefined for `off`. */
  readonly path: string | undefined
  readonly format: string
  readonly condition: ComplexValue | undefined
  readonly buffering: LogBuffering | undefined
}

export const accessLog: ListDirective<AccessLogRow> = {
  kind: 'list',
  name: 'access_log',
  contexts: CONTEXTS,
  args: { min: 1 },
  syntax: 'path [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]] | off',
  doc: 'File for one line per request, with the name of its log_format (combined is predefined, and json unless the conf has its own). /dev/stdout works.',
  parse: (args, at) => {
    const [path, ...options] = args.map((word) => word.text)
    if (path === 'off') {
      if (options.length > 0) at.fail(`invalid parameter "${options[0] ?? ''}"`)
      return { path: undefined, format: '', condition: undefined, buffering: undefined }
    }
    let format = 'combined'
    let condition: ComplexValue | undefined
    const waiting: string[] = []
    for (const [position, option] of options.entries()) {
      if (option.startsWith('if=')) condition = parseComplexValue(option.slice(3))
      else if (/^(buffer=|flush=|gzip$|gzip=)/.test(option)) waiting.push(option)
      else if (position === 0) format = option
      else at.fail(`invalid parameter "${option}"`)
    }
    const buffering = readBuffering(waiting, path ?? '', at)
    if (buffering && path?.includes('$')) at.fail('buffered logs cannot have variables in name')
    return { path: logPath(path ?? '', at), format, condition, buffering }
  },
}

/** nginx's buffer of `gzip` without `buffer=`. */
const GZIP_BUFFER_BYTES = 65_536

function readBuffering(options: readonly string[], path: string, at: ParseContext): LogBuffering | undefined {
  let bytes = 0
  let flushMs: number | undefined
  let gzipLevel: number | undefined
  for (const option of options) {
    const value = option.slice(option.indexOf('=') + 1)
    const invalid = (what: string): never => at.fail(`invalid ${what} "${value}"`)
    if (option.startsWith('buffer=')) bytes = parseSize(value) || invalid('buffer size')
    else if (option.startsWith('flush=')) flushMs = parseMilliseconds(value) || invalid('flush time')
    else
      gzipLevel = option === 'gzip' ? 1 : /^[1-9]$/.test(value) ? Number(value) : invalid('compression level')
  }
  if (gzipLevel !== undefined && bytes === 0) bytes = GZIP_BUFFER_BYTES
  if (flushMs !== undefined && bytes === 0) at.fail(`no buffer is defined for access_log "${path}"`)
  if (bytes === 0) return undefined
  if (path.startsWith('syslog:')) at.fail(`logs to syslog cannot be buffered`)
  return { bytes, flushMs, gzipLevel }
}

/** The two standard streams under the names that they have in containers. */
function logPath(text: string, at: ParseContext): string {
  if (text === 'stderr' || text === '/dev/stderr') return 'stderr'
  if (text === '/dev/stdout') return 'stdout'
  if (!text.startsWith('syslog:')) return at.path(text, 'prefix')
  try {
    const { server } = parseSyslog(text.slice('syslog:'.length))
    if (server.kind === 'unix' && isDatagramSocket(server.path))
      at.warn(`"${server.path}" is a datagram socket, to which the runtime cannot write: its lines are lost`)
    return text
  } catch (error) {
    return at.fail(error instanceof Error ? error.message : String(error))
  }
}

export interface LogFormatRow {
  readonly name: string
  readonly escape: LogEscape
  readonly text: string
}

export const logFormat: ListDirective<LogFormatRow> = {
  kind: 'list',
  name: 'log_format',
  contexts: ['http'],
  args: { min: 2 },
  syntax: 'name [escape=default|json|none] string ...',
  doc: 'A format of access log lines: text with variables.',
  parse: (args, at) => {
    const [name, ...rest] = args.map((word) => word.text)
    let escape: LogEscape = 'default'
    if (rest[0]?.startsWith('escape=')) {
      const text = (rest.shift() ?? '').slice(7)
      if (text !== 'default' && text !== 'json' && text !== 'none')
        at.fail(`unknown log format escaping "${text}"`)
      else escape = text
    }
    if (name === 'combined') at.fail(`duplicate "log_format" name "${name}"`)
    return { name: name ?? '', escape, text: rest.join('') }
  },
}

export interface ErrorLogRow {
  readonly path: string
  readonly level: LogLevel
}

/** nginx's levels of parts of it, which may stand beside each other. */
const DEBUG_PARTS = /^debug_(?:core|alloc|mutex|event|http|mail|stream)$/

function readLevel(words: readonly Word[], at: ParseContext): LogLevel {
  let level: LogLevel | undefined
  for (const { text } of words) {
    const known = DEBUG_PARTS.test(text) ? 'debug' : LOG_LEVELS.find((name) => name === text)
    if (known === undefined) return at.fail(`invalid log level "${text}"`)
    if (level !== undefined && !DEBUG_PARTS.test(text)) return at.fail(`duplicate log level "${text}"`)
    if (level !== undefined && level !== 'debug') return at.fail(`invalid log level "${text}"`)
    level = known
  }
  return level ?? 'error'
}

export const errorLog: ListDirective<ErrorLogRow> = {
  kind: 'list',
  name: 'error_log',
  contexts: ['main', 'http', 'server', 'location'],
  args: { min: 1 },
  syntax: 'file | stderr | syslog:server=address[,parameter=value] | memory:size [level]',
  doc: 'Where errors of this level and above are written.',
  parse: ([path, ...levels], at) => {
    const known = readLevel(levels, at)
    const memory = /^memory:(.*)$/.exec(path?.text ?? '')?.[1]
    if (memory !== undefined) {
      if (!parseSize(memory)) at.fail(`invalid buffer size "${memory}"`)
      at.warn('a log in memory is not kept: no debugger reads it here')
      return { path: '/dev/null', level: known }
    }
    return { path: logPath(path?.text ?? '', at), level: known }
  },
}

export const openLogFileCache: Directive<LogCacheLimits | undefined> = {
  kind: 'single',
  name: 'open_log_file_cache',
  contexts: ['http', 'server', 'location'],
  args: { min: 1, max: 4 },
  syntax: 'max=N [inactive=time] [min_uses=N] [valid=time] | off',
  default: undefined,
  defaultText: 'off',
  doc: 'Logs whose names hold variables that stay open: how many, for how long without use, after how many uses, and after which time the name is looked up again.',
  parse: (args, at) => {
    if (args[0]?.text === 'off' && args.length === 1) return undefined
    const limits = { max: 0, inactiveMs: 10_000, minUses: 1, validMs: 60_000 }
    for (const { text } of args) {
      const invalid = (): never => at.fail(`invalid "open_log_file_cache" parameter "${text}"`)
      const value = text.slice(text.indexOf('=') + 1)
      const count = (): number => (/^[0-9]+$/.test(value) ? Number(value) : invalid())
      const time = (): number => (parseSeconds(value) ?? invalid()) * 1000
      if (text.startsWith('max=')) limits.max = count()
      else if (text.startsWith('inactive=')) limits.inactiveMs = time()
      else if (text.startsWith('min_uses=')) limits.minUses = count()
      else if (text.startsWith('valid=')) limits.validMs = time()
      else invalid()
    }
    if (limits.max === 0) at.fail('"open_log_file_cache" must have "max" parameter')
    return limits
  },
}

export const logDirectives: readonly AnyDirective[] = [accessLog, logFormat, errorLog, openLogFileCache]
