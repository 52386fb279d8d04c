/** What all requests of an application server share. */
import type { Application, Environ } from '../gateway/application.ts'
import type { AppLog } from './app-log.ts'

export interface SiteOptions {
  readonly application: Application
  readonly log: AppLog
  /** Whether other processes run the same application (`wsgi.multiprocess`). */
  readonly multiprocess: boolean
  /** Path under which the application is mounted, like `/shop`. */
  readonly mount?: string | undefined
}

const LEVELS = ['info', 'notice', 'warn', 'error', 'crit'] as const

/** Of an error's stack in the log. */
const MAX_STACK_LINES = 12

export class Site {
  readonly application: Application
  readonly log: AppLog
  readonly multiprocess: boolean
  readonly mount: string

  constructor(options: SiteOptions) {
    this.application = options.application
    this.log = options.log
    this.multiprocess = options.multiprocess
    this.mount = options.mount ?? ''
  }

  /** What the application threw or did wrong, once. */
  readonly onApplicationError = (error: unknown, environ: Environ): void => {
    const where = `${environ.REQUEST_METHOD} ${escapeControls(environ.SCRIPT_NAME + environ.PATH_INFO)}`
    this.log.log('error', `request ${requestId(environ)}: ${where}: ${describeError(error)}`)
  }

  /** A line of wsgi.errors. One that names its level (`[warn] text`) gets it; the id is not said twice. */
  logLine(environ: Environ | undefined, line: string): void {
    const id = requestId(environ)
    const level = LEVELS.find((name) => line.startsWith(`[${name}] `))
    const text = (level ? line.slice(level.length + 3) : line).replace(`[${id}] `, '')
    this.log.log(level ?? 'error', `request ${id}: ${escapeControls(text)}`)
  }
}

/** The front's id of the request, by which the lines of both tiers' logs are found; `-` behind a front without. */
function requestId(environ: Environ | undefined): string {
  const id = environ?.['REQUEST_ID']
  return typeof id === 'string' && id !== '' ? escapeControls(id) : '-'
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error === 'string' ? error : String(error)}`
  const lines = (error.stack ?? `${error.name}: ${error.message}`).split('\n').slice(0, MAX_STACK_LINES)
  const cause = error.cause === undefined ? '' : `\ncaused by ${describeError(error.cause)}`
  return lines.join('\n') + cause
}

/** Client text cannot begin a line of its own, nor move a terminal's cursor. */
function escapeControls(text: string): string {
  if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return text
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
