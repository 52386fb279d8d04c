/** `access_log`, `log_format`, `error_log` as rows. */
import type { AnyDirective, Context, ListDirective } from '../../config/directive.ts'
import { LOG_LEVELS, type LogLevel } from '../../io/error-logger.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { LogEscape } from '../log-format.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'location if', 'limit_except']

export interface AccessLogRow {
  /** Absolute path, `stdout` or `stderr`; undefined for `off`. */
  readonly path: string | undefined
  readonly format: string
  readonly condition: ComplexValue | undefined
}

export const accessLog: ListDirective<AccessLogRow> = {
  kind: 'list',
  name: 'access_log',
  contexts: CONTEXTS,
  args: { min: 1 },
  syntax: 'path [format [buffer=size] [flush=time] [if=condition]] | off',
  doc: 'File for one line per request, with the name of its log_format (combined is predefined, and json unless the conf has its own). /dev/stdout works.',
  parse: (args, at) => {
    const [path, ...options] = args.map((word) => word.text)
    if (path === 'off') {
      if (options.length > 0) at.fail(`invalid parameter "${options[0] ?? ''}"`)
      return { path: undefined, format: '', condition: undefined }
    }
    let format = 'combined'
    let condition: ComplexValue | undefined
    for (const [position, option] of options.entries()) {
      if (option.startsWith('if=')) condition = parseComplexValue(option.slice(3))
      else if (/^(buffer|flush|gzip)(=|$)/.test(option))
        at.warn(`the "${option}" parameter of "access_log" has no effect: lines are written at once`)
      else if (position === 0) format = option
      else at.fail(`invalid parameter "${option}"`)
    }
    return { path: logPath(path ?? '', (text) => at.path(text, 'prefix')), format, condition }
  },
}

/** The two standard streams under the names that they have in containers. */
function logPath(text: string, absolute: (path: string) => string): string {
  if (text === 'stderr' || text === '/dev/stderr') return 'stderr'
  if (text === '/dev/stdout') return 'stdout'
  return absolute(text)
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

export const errorLog: ListDirective<ErrorLogRow> = {
  kind: 'list',
  name: 'error_log',
  contexts: ['main', 'http', 'server', 'location'],
  args: { min: 1 },
  syntax: 'file [level]',
  doc: 'Where errors of this level and above are written. `stderr` works.',
  parse: ([path, level], at) => {
    const text = level?.text ?? 'error'
    const known = LOG_LEVELS.find((name) => name === text)
    if (!known) return at.fail(`invalid log level "${text}"`)
    return { path: logPath(path?.text ?? '', (name) => at.path(name, 'prefix')), level: known }
  },
}

export const logDirectives: readonly AnyDirective[] = [accessLog, logFormat, errorLog]
