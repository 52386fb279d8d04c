/** The front's error log lines: which connection, client, server and request a message is about (nginx's order). */
import type { ErrorLogger, LogLevel } from '../io/error-logger.ts'
import type { Request } from './request.ts'
import type { ListenPoint } from './server-config.ts'

/** What a line about a connection says of it. */
export interface LoggedConnection {
  readonly remoteAddress: string
  readonly point: ListenPoint
  readonly serial: number
}

export class ErrorLog {
  readonly #logger: ErrorLogger
  /** Whether level debug is written: asked once per request. */
  readonly debug: boolean

  constructor(logger: ErrorLogger) {
    this.#logger = logger
    this.debug = logger.enabled('debug')
  }

  /** A line that concerns no connection. */
  plain(level: LogLevel, message: string): void {
    this.#logger.log(level, message)
  }

  connection(level: LogLevel, connection: LoggedConnection, message: string): void {
    if (!this.#logger.enabled(level)) return
    this.#logger.log(
      level,
      `${message}, client: ${connection.remoteAddress}, server: ${connection.point.key}`,
      connection.serial,
    )
  }

  request(level: LogLevel, request: Request, message: string): void {
    if (!this.#logger.enabled(level)) return
    const { connection, server, head } = request
    let line = `${message}, client: ${request.remoteAddress}, server: ${server.name}`
    if (head.requestLine !== '') line += `, request: "${head.requestLine}"`
    const peer = request.upstream?.peerText
    if (peer !== undefined) line += `, upstream: "${peer}"`
    const host = head.headers.get('host')
    if (host !== undefined) line += `, host: "${host}"`
    const referer = head.headers.get('referer')
    if (referer !== undefined) line += `, referrer: "${referer}"`
    if (request.upstream) line += `, id: ${request.id}`
    this.#logger.log(level, line, connection.serial)
  }
}
