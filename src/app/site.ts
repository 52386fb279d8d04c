/** What all requests of an application server share. */
import type { Application, Environ } from '../gateway/application.ts'
import type { ApplicationRun } from '../gateway/run-application.ts'
import { thrownText } from '../util/thrown-text.ts'
import type { AppLog } from './app-log.ts'
import { Scoreboard } from './scoreboard.ts'
import type { RequestStage, ServedRequest } from './served-request.ts'
import type { StageKeeper } from './stage-keeper.ts'
import { TrailingWork } from './trailing-work.ts'

export interface SiteOptions {
  readonly application: Application
  readonly log: AppLog
  /** Whether other processes run the same application (`wsgi.multiprocess`). */
  readonly multiprocess: boolean
  /** Path under which the application is mounted, like `/shop`. */
  readonly mount?: string | undefined
  /** By default one without limits. */
  readonly scoreboard?: Scoreboard<ServedRequest> | undefined
  /** Keeps account of what each request does; it costs a little for each. */
  readonly stages?: StageKeeper | undefined
}

const LEVELS = ['info', 'notice', 'warn', 'error', 'crit'] as const

/** Of an error's stack in the log. */
const MAX_STACK_LINES = 12

export class Site {
  readonly application: Application
  readonly log: AppLog
  readonly multiprocess: boolean
  readonly mount: string
  readonly scoreboard: Scoreboard<ServedRequest>
  readonly trailing = new TrailingWork()
  readonly #stages: StageKeeper | undefined

  constructor(options: SiteOptions) {
    this.application = options.application
    this.log = options.log
    this.multiprocess = options.multiprocess
    this.mount = options.mount ?? ''
    this.scoreboard = options.scoreboard ?? new Scoreboard()
    this.#stages = options.stages
  }

  readonly waitUntil = (work: PromiseLike<unknown>): void => this.trailing.add(work)

  start(request: ServedRequest, run: ApplicationRun): void {
    if (this.#stages === undefined) run.start(this.application)
    else this.#stages.run(request, () => run.start(this.application))
  }

  /** `request 4f2a: GET /shop` */
  titleOf(environ: Environ): string {
    const where = `${environ.REQUEST_METHOD} ${escapeControls(environ.SCRIPT_NAME + environ.PATH_INFO)}`
    return `request ${requestId(environ)}: ${where}`
  }

  /** The last stage is what it hangs in, if it hangs. */
  sayExpired(request: ServedRequest, ageMs: number): void {
    const nowMs = request.startedMs + ageMs
    const limit = seconds(this.scoreboard.harakiriMs)
    this.log.log(
      'error',
      `harakiri: ${request.title}: cancelled after ${seconds(ageMs)} (harakiri ${limit})` +
        `, last stage: ${describeStage(request.stage, nowMs)}, last query: ${describeStage(request.query, nowMs)}`,
    )
  }

  /** What the application threw or did wrong, once. */
  readonly onApplicationError = (error: unknown, environ: Environ): void => {
    this.log.log('error', `${this.titleOf(environ)}: ${thrownText(error, MAX_STACK_LINES)}`)
  }

  /** A line of wsgi.errors. One that names its level (`[warn] text`) gets it; the id is not said twice. */
  logLine(environ: Environ | undefined, line: string): void {
    const id = requestId(environ)
    const level = LEVELS.find((name) => line.startsWith(`[${name}] `))
    const text = (level ? line.slice(level.length + 3) : line).replace(`[${id}] `, '')
    this.log.log(level ?? 'error', `request ${id}: ${escapeControls(text)}`)
  }
}

function describeStage(stage: RequestStage | undefined, nowMs: number): string {
  if (stage === undefined) return 'none'
  return `${stage.name} ${escapeControls(stage.detail)} (${seconds(nowMs - stage.atMs)} ago)`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The front's id of the request, by which the lines of both tiers' logs are found; `-` behind a front without. */
function requestId(environ: Environ | undefined): string {
  const id = environ?.['REQUEST_ID']
  return typeof id === 'string' && id !== '' ? escapeControls(id) : '-'
}

/** Client text cannot begin a line of its own, nor move a terminal's cursor. */
function escapeControls(text: string): string {
  if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return text
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
