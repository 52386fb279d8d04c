/**
 * The access phase of a location: `satisfy all` lets a request through when nobody objects, `satisfy any` as soon as
 * one check lets it in (ngx_http_core_access_phase). Subrequests were let in with their request.
 */
import { delay } from '../io/delay.ts'
import { ALLOWED, DONE, NAMED, NEXT, RELOCATE, type Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import type { PhaseHandler } from './server-config.ts'

/** `delayMs` is `auth_delay`: a 401 waits so long, so that guessing passwords takes time. */
export function accessPhase(
  checks: readonly PhaseHandler[],
  satisfy: 'all' | 'any',
  delayMs: number,
): PhaseHandler[] {
  const handlers = combine(checks, satisfy)
  return delayMs === 0 ? handlers : handlers.map((handler) => withDelay(handler, delayMs))
}

function withDelay(handler: PhaseHandler, delayMs: number): PhaseHandler {
  return async (request) => {
    const outcome = await handler(request)
    if (outcome === 401) await delay(delayMs)
    return outcome
  }
}

function combine(checks: readonly PhaseHandler[], satisfy: 'all' | 'any'): PhaseHandler[] {
  if (satisfy === 'any' && checks.length > 1)
    return [(request) => (request.parent ? NEXT : anyOf(request, checks, 0, 0))]
  return checks.map(
    (check): PhaseHandler =>
      (request) =>
        request.parent ? NEXT : check(request),
  )
}

/** `refusal`: the status of the checks that refused, 401 before 403 as the client can do something about it. */
function anyOf(
  request: Request,
  checks: readonly PhaseHandler[],
  from: number,
  refusal: number,
): Outcome | Promise<Outcome> {
  let status = refusal
  for (let index = from; index < checks.length; index += 1) {
    const outcome = (checks[index] as PhaseHandler)(request)
    if (typeof outcome !== 'number') {
      return outcome.then((late) => {
        const verdict = judge(request, late, status)
        return verdict.ended ? verdict.outcome : anyOf(request, checks, index + 1, verdict.outcome)
      })
    }
    const verdict = judge(request, outcome, status)
    if (verdict.ended) return verdict.outcome
    status = verdict.outcome
  }
  return status
}

function judge(request: Request, outcome: Outcome, refusal: number): { ended: boolean; outcome: Outcome } {
  switch (outcome) {
    case NEXT:
      return { ended: false, outcome: refusal }
    case ALLOWED:
      dropChallenges(request)
      return { ended: true, outcome: NEXT }
    case DONE:
    case RELOCATE:
    case NAMED:
      return { ended: true, outcome }
    case 401:
    case 403:
      return { ended: false, outcome: refusal === 401 ? refusal : outcome }
    default:
      return { ended: true, outcome }
  }
}

function dropChallenges(request: Request): void {
  request.extraHeaders = request.extraHeaders.filter(
    (_, index, all) => all[index - (index % 2)] !== 'WWW-Authenticate',
  )
}
