/** The log phase: one line per request for each `access_log` of its location. */
import { isFolder } from '../io/files/text-file.ts'
import type { LogDestination } from '../io/log-destination.ts'
import type { NamedLogs } from '../io/named-logs.ts'
import { strerror } from '../util/strerror.ts'
import type { Request } from './request.ts'
import type { Value } from './value.ts'

/** One `access_log` of a scope. */
export interface AccessLog {
  readonly destination: LogDestination | NamedLog
  readonly format: LogFormat
  /** `if=`: no line when it gives the empty string or `0`. */
  readonly condition: Value | undefined
}

/** A log whose name holds variables. */
export interface NamedLog {
  readonly name: Value
  readonly logs: NamedLogs
}

/** Gives the line with its LF. */
export type LogFormat = (request: Request) => string

export function logRequest(request: Request): void {
  request.cleanUp()
  if (!request.parent) request.connection.server.figures.count(request)
  if (request.parent && !request.location.settings.logSubrequest) return
  for (const { destination, format, condition } of request.location.settings.accessLogs) {
    if (condition) {
      const verdict = condition.evaluate(request)
      if (verdict === '' || verdict === '0') continue
    }
    if ('write' in destination) destination.writeSoon(format(request))
    else logByName(request, destination, format)
  }
}

/** Only beside a root that is there: a client that may choose the name makes no files for sites that do not exist. */
function logByName(request: Request, { name, logs }: NamedLog, format: LogFormat): void {
  const { settings } = request.location
  const path = name.evaluate(request)
  const root = settings.root.evaluate(request)
  try {
    if (!settings.alias && !isFolder(root))
      return settings.errorLog.request('error', request, `testing "${root}" existence failed`)
    logs.write(path, format(request))
  } catch (error) {
    settings.errorLog.request('crit', request, `open() "${path}" failed (${strerror(error)})`)
  }
}
