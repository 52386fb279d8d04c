import type { ErrorStream } from '../../gateway/application.ts'
import { thrownText } from '../../util/thrown-text.ts'
import { escapeForLog, type WebLogger } from '../conf/logger.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'

/** Where the log lines of a request go: to the settings' logger, or else to `wsgi.errors`. */
export function loggerOf(request: HttpRequest): WebLogger {
  return request.settings.logger ?? new ErrorStreamLogger(request.META['wsgi.errors'])
}

/** One line per message, the stack of an error after it, each of its lines escaped. */
class ErrorStreamLogger implements WebLogger {
  readonly #stream: ErrorStream

  constructor(stream: ErrorStream) {
    this.#stream = stream
  }

  debug(_fields: object, _message: string): void {
    // Nobody reads it there.
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message)
  }

  #write(level: string, fields: object, message: string): void {
    const id = 'requestId' in fields && typeof fields.requestId === 'string' ? ` [${fields.requestId}]` : ''
    const stack =
      'err' in fields ? `\n${thrownText(fields.err).split('\n').map(escapeForLog).join('\n')}` : ''
    this.#stream.write(`[${level}]${id} ${message}${stack}\n`)
  }
}

/** The id that the front gave the request; it stands in the log lines of both tiers. */
function requestIdOf(request: HttpRequest): string | undefined {
  const id = request.META.REQUEST_ID ?? request.META.HTTP_X_REQUEST_ID
  return typeof id === 'string' && id.length <= 128 ? escapeForLog(id) : undefined
}

function fieldsOf(request: HttpRequest, status: number): object {
  return { requestId: requestIdOf(request), method: request.method, path: escapeForLog(request.path), status }
}

/** Says once that a request was answered with an error: 5xx as error, 4xx as warning. */
export function logResponse(
  request: HttpRequest,
  response: OutgoingResponse,
  message?: string,
  error?: unknown,
): void {
  if (response.logged) return
  response.logged = true
  const text = `${message ?? response.reasonPhrase}: ${escapeForLog(request.path)}`
  const fields = fieldsOf(request, response.status)
  const all = error === undefined ? fields : { ...fields, err: error }
  if (response.status >= 500) loggerOf(request).error(all, text)
  else loggerOf(request).warn(all, text)
}

/** Says that something was thrown, whatever the response will be. */
export function logError(request: HttpRequest, message: string, error: unknown): void {
  const fields = { ...fieldsOf(request, 500), err: error }
  loggerOf(request).error(fields, `${message}: ${escapeForLog(request.path)}`)
}
