/** A front of four listeners, by rules and by who is behind, an application, and an upstream that reads strictly. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PorticoServer } from '../../support/portico-server.ts'
import { EchoUpstream } from './echo-upstream.ts'

const ENTRY = fileURLToPath(new URL('echo-app.ts', import.meta.url))
const NO_ANSWER_MS = 60_000
/** By hand it may run at the lowest priority beside others. */
const START_MS = 300_000

export type Rules = 'strict' | 'default'
export type Behind = 'upstream' | 'application'

export class FramingTiers {
  readonly upstream = new EchoUpstream()
  readonly #folder = mkdtempSync(join(tmpdir(), 'framing-'))
  #server: PorticoServer | undefined

  async start(): Promise<this> {
    const socket = join(this.#folder, 'upstream.sock')
    await this.upstream.listen(socket)
    const server = (rules: Rules, behind: Behind, content: string): string => `
      server {
        listen unix:${this.#path(rules, behind)};
        strict_http ${rules === 'strict' ? 'on' : 'off'};
        location / { ${content} }
      }`
    const pass = (buffering: 'on' | 'off'): string => `
      proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Host echo;
      proxy_set_header Connection ""; proxy_request_buffering ${buffering}; proxy_buffer_size 64k; proxy_buffers 4 64k;`
    this.#server = await PorticoServer.start({
      conf: `
        error_log %PREFIX%/logs/error.log;
        app echo { entry ${ENTRY}; workers 1; }
        http {
          access_log off;
          keepalive_requests 1000000;
          upstream echo { server unix:${socket} max_fails=0; keepalive 16; }
          ${server('strict', 'upstream', pass('off'))}
          ${server('strict', 'application', 'app_pass echo;')}
          ${server('default', 'upstream', pass('on'))}
          ${server('default', 'application', 'app_pass echo;')}
        }`,
      files: { 'logs/.keep': '' },
      startTimeoutMs: START_MS,
    })
    return this
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    await this.upstream.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Lines of the error log that no client may cause. */
  get alarms(): string[] {
    return this.#server?.read('logs/error.log').match(/.*\[(?:alert|emerg|crit)\].*/g) ?? []
  }

  /**
   * Sends the pieces, each in a turn of its own; half-closes when `enough` says that nothing more will be answered.
   * Resolves to all that came when the front has closed.
   */
  converse(
    rules: Rules,
    behind: Behind,
    pieces: readonly Buffer[],
    enough: (answered: string) => boolean,
  ): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const socket = connect({ path: this.#path(rules, behind), allowHalfOpen: true })
    let text = ''
    let at = 0
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error(`neither answered nor closed; answered so far: ${JSON.stringify(text)}`))
    }, NO_ANSWER_MS)
    const finishIfEnough = (): void => {
      if (at === pieces.length && !socket.writableEnded && enough(text)) socket.end()
    }
    const sendNext = (): void => {
      const piece = pieces[at]
      if (piece === undefined || socket.destroyed) return finishIfEnough()
      at += 1
      socket.write(piece)
      setImmediate(sendNext)
    }
    socket.on('connect', sendNext)
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      finishIfEnough()
    })
    socket.on('end', () => socket.end())
    socket.on('error', () => socket.destroy()) // it may reset what it has refused
    socket.on('close', () => {
      clearTimeout(late)
      resolve(text)
    })
    return promise
  }

  #path(rules: Rules, behind: Behind): string {
    return join(this.#folder, `${rules}-${behind}.sock`)
  }
}
