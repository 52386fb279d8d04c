/** What a scope does with requests above a limit, alike for `limit_req` and `limit_conn`: rows, status, log line, count. */
import type { AnyDirective, Context } from '../config/directive.ts'
import { choiceRow, flagRow, numberRow } from '../config/rows.ts'
import type { Scope } from '../config/scope.ts'
import type { CompileContext } from './front-module.ts'
import { NEXT, type Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import type { VariableSetter } from './variable-table.ts'

export const LIMIT_CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const LEVELS = ['info', 'notice', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]
const LOWER = { info: 'debug', notice: 'info', warn: 'notice', error: 'warn' } as const

/** The rows `*_status`, `*_log_level` and `*_dry_run`, and what they compile to; `figure` names the count in metrics. */
export class LimitRules {
  readonly name: 'limit_conn' | 'limit_req'
  readonly figure: string
  readonly #status
  readonly #level
  readonly #dry

  constructor(name: 'limit_conn' | 'limit_req', figure: string, docs: { level: string; dry: string }) {
    const contexts = LIMIT_CONTEXTS
    this.name = name
    this.figure = figure
    this.#status = numberRow(
      { name: `${name}_status`, contexts, default: 503, doc: 'Status of refused requests.' },
      { min: 400, max: 599 },
    )
    this.#level = choiceRow(
      { name: `${name}_log_level`, contexts, default: 'error', doc: docs.level },
      LEVELS,
    )
    this.#dry = flagRow({ name: `${name}_dry_run`, contexts, default: false, doc: docs.dry })
  }

  get directives(): readonly AnyDirective[] {
    return [this.#status, this.#level, this.#dry]
  }

  /** The variable that tells what became of a request. */
  get variable(): string {
    return `${this.name}_status`
  }

  compile(scope: Scope, context: CompileContext): LimitPolicy {
    return new LimitPolicy(
      this,
      { refusal: scope.get(this.#status), level: scope.get(this.#level), dry: scope.get(this.#dry) },
      context,
    )
  }
}

interface Answers {
  readonly refusal: number
  readonly level: Level
  readonly dry: boolean
}

export class LimitPolicy {
  /** Requests are only counted. */
  readonly dry: boolean
  readonly #refusal: number
  readonly #level: Level
  readonly #figure: string
  readonly #setStatus: VariableSetter
  readonly #slot: number

  constructor(rules: LimitRules, { refusal, level, dry }: Answers, { variables }: CompileContext) {
    this.dry = dry
    this.#refusal = refusal
    this.#level = level
    this.#figure = rules.figure
    this.#setStatus = variables.setter(rules.variable)
    this.#slot = variables.slot(rules.variable)
  }

  /**
   * Limits hold once for a client's request and all its subrequests, which share their variables: not again after an
   * internal redirect, but for a mirror whose own location limits it (nginx: `r->main->limit_req_status`).
   */
  passesBy(request: Request): boolean {
    return request.slots?.[this.#slot] !== undefined
  }

  pass(request: Request, zone: string): void {
    this.#note(request, zone, 'PASSED')
  }

  refuse(request: Request, zone: string, text: string): Outcome {
    request.location.settings.errorLog.request(this.#level, request, text)
    this.#note(request, zone, this.dry ? 'REJECTED_DRY_RUN' : 'REJECTED')
    return this.dry ? NEXT : this.#refusal
  }

  /** Logged one level lower than a refusal. */
  delay(request: Request, zone: string, text: string): void {
    request.location.settings.errorLog.request(LOWER[this.#level], request, text)
    this.#note(request, zone, this.dry ? 'DELAYED_DRY_RUN' : 'DELAYED')
  }

  #note(request: Request, zone: string, result: string): void {
    this.#setStatus(request, result)
    request.connection.server.figures.countLimit(this.#figure, zone, result)
  }
}
