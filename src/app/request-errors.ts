import type { Environ, ErrorStream } from '../gateway/application.ts'
import { LineErrorStream } from '../gateway/error-stream.ts'
import type { Site } from './site.ts'

/** wsgi.errors of one request: lines to the log, with the request's id. Most requests never write one. */
export class RequestErrors implements ErrorStream {
  // Private, or the environ would be a cycle for whoever prints it.
  #environ: Environ | undefined
  readonly #site: Site
  #lines: LineErrorStream | undefined

  constructor(site: Site) {
    this.#site = site
  }

  /** The environ that this stream is part of. */
  belongTo(environ: Environ): void {
    this.#environ = environ
  }

  write(text: string): void {
    this.#lines ??= new LineErrorStream((line) => this.#site.logLine(this.#environ, line))
    this.#lines.write(text)
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line)
  }

  flush(): void {
    this.#lines?.flush()
  }
}
