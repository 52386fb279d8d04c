/** The log phase: one line per request for each `access_log` of its location. */
import type { LogDestination } from '../io/log-destination.ts'
import type { Request } from './request.ts'
import type { Value } from './value.ts'

/** One `access_log` of a scope. */
export interface AccessLog {
  readonly destination: LogDestination
  readonly format: LogFormat
  /** `if=`: no line when it gives the empty string or `0`. */
  readonly condition: Value | undefined
}

/** Gives the line with its LF. */
export type LogFormat = (request: Request) => string

export function logRequest(request: Request): void {
  if (request.children) for (const child of request.children) child.cleanUp()
  request.cleanUp()
  if (request.parent && !request.location.settings.logSubrequest) return
  for (const { destination, format, condition } of request.location.settings.accessLogs) {
    if (condition) {
      const verdict = condition.evaluate(request)
      if (verdict === '' || verdict === '0') continue
    }
    destination.write(format(request))
  }
}
