/** The error log of any tier: nginx's levels and line. */
import type { LogDestination } from './log-destination.ts'

export const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const LEVEL_VALUES: Record<LogLevel, number> = {
  debug: 20,
  info: 30,
  notice: 35,
  warn: 40,
  error: 50,
  crit: 60,
  alert: 70,
  emerg: 80,
}

/** One destination of `error_log` with its threshold. */
export interface ErrorLogTarget {
  readonly destination: LogDestination
  readonly level: LogLevel
}

/** Takes a message and, for requests, `*serial` of the connection. */
export interface ErrorLogger {
  log(level: LogLevel, message: string, serial?: number): void
  /** Whether anything at this level is written: spares making a message. */
  enabled(level: LogLevel): boolean
}

/** `2026/11/21 09:10:00 [error] 12#12: *3 message` */
function nginxLine(level: LogLevel, message: string, serial: number | undefined): string {
  const connection = serial === undefined ? '' : ` *${serial}`
  return `${timestamp()} [${level}] ${process.pid}#${process.pid}:${connection} ${escapeControls(message)}\n`
}

let stampSecond = -1
let stamp = ''

/** Made once per second. */
function timestamp(): string {
  const nowMs = Date.now()
  const second = Math.floor(nowMs / 1000)
  if (second !== stampSecond) {
    stampSecond = second
    stamp = localTimestamp(new Date(nowMs))
  }
  return stamp
}

function localTimestamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Octets of a request or a path are shown as the text that they are, if they are any. */
function readable(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text
  try {
    return utf8.decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}

/** Control bytes cannot forge a line or move a terminal's cursor. Line feeds of stacks are indented instead. */
function escapeControls(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text
  return readable(text)
    .replaceAll('\n', '\n    ')
    .replace(
      /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
}

/** From here on a line is on disk before anything else happens: it may be the last. */
const AT_ONCE = LEVEL_VALUES.crit

export function createErrorLogger(targets: readonly ErrorLogTarget[]): ErrorLogger {
  const sinks = targets.map(({ destination, level }) => ({ destination, least: LEVEL_VALUES[level] }))
  const threshold = Math.min(...sinks.map(({ least }) => least), Infinity)
  return {
    log(level, message, serial) {
      const value = LEVEL_VALUES[level]
      if (value < threshold) return
      const line = nginxLine(level, message, serial)
      for (const { destination, least } of sinks) {
        if (value < least) continue
        if (value >= AT_ONCE) destination.write(line)
        else destination.writeSoon(line)
      }
    },
    enabled: (level) => LEVEL_VALUES[level] >= threshold,
  }
}
