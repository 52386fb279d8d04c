/**
 * The same connections to the front and to a real nginx, which answer with what they read: the same answers, or a
 * refusal of ours that has its reason.
 */
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { decodeRequests } from '../protocol/http1/feed.ts'
import { freePort } from '../support/free-port.ts'
import { readAnswers } from '../support/http-answers.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'
import { AS_NGINX, readRequests } from './framing/reference-parser.ts'
import { connections } from './http1-requests.ts'

export interface RequestFigures {
  connections: number
  /** Requests that both took, as the same one. */
  taken: number
  /** Answers with which both refused alike. */
  refused: number
  known: number
  readonly differences: string[]
}

/** One answer: the status, and what the server read where it took the request. */
type Said = readonly [status: number, read: string]

/** Codes of ours for what nginx 1.22 takes, and why. */
export const WE_REFUSE: ReadonlyMap<string, string> = new Map([
  [
    'invalid_header',
    'control octets in a field (RFC 9110 section 5.5), bare CR (RFC 9112 section 2.2), a trailer that is no field',
  ],
  ['invalid_request', 'bare CR (RFC 9112 section 2.2)'],
  ['invalid_method', 'more than 64 octets; bare CR before it'],
  ['invalid_host', 'no host, as in nginx 1.29'],
  ['invalid_target_host', 'no host, as in nginx 1.29'],
  ['duplicate_header', 'two opinions on the type'],
  ['unknown_expectation', 'RFC 9110 section 10.1.1'],
  ['invalid_chunked_body', 'chunks end in CR LF only, nothing but an extension behind a size'],
  ['forbidden_trailer', 'trailers that would frame'],
])

const MAX_DIFFERENCES = 20
const AT_ONCE = 8
const NO_END_MS = 20_000
const BETWEEN = '<|>'
const READ = ['request_method', 'uri', 'args', 'request_uri', 'host', 'server_protocol', 'http_cookie', 'content_type', 'content_length'] // prettier-ignore

/** Both read the body before they answer: the second server is where its bytes go. */
const confFor = (port: number, behind: number): string => `
  access_log off; keepalive_requests 100000; proxy_ignore_client_abort on;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${behind}; proxy_set_header X-Read "${READ.map((name) => `$${name}`).join(BETWEEN)}"; }
  }
  server { listen 127.0.0.1:${behind}; large_client_header_buffers 4 32k; location / { return 200 "$http_x_read"; } }`

export class NginxBeside {
  readonly #portico: PorticoServer
  readonly #nginx: NginxServer
  readonly #ports: readonly [ours: number, theirs: number]

  private constructor(portico: PorticoServer, nginx: NginxServer, ports: readonly [number, number]) {
    this.#portico = portico
    this.#nginx = nginx
    this.#ports = ports
  }

  static async start(path: string): Promise<NginxBeside> {
    const [ours, theirs, ourBack, theirBack] = [await freePort(), await freePort(), await freePort(), await freePort()]
    const nginx = await NginxServer.start(path, confFor(theirs, theirBack), theirs)
    const portico = await PorticoServer.start({
      conf: `error_log logs/error.log error; http { ${confFor(ours, ourBack)} }`,
      files: { 'logs/.keep': '' },
      startTimeoutMs: 300_000,
    })
    return new NginxBeside(portico, nginx, [ours, theirs])
  } // prettier-ignore

  async stop(): Promise<void> {
    await Promise.all([this.#portico.stop(), this.#nginx.stop()])
  }

  async compare(total: number, seed: number): Promise<RequestFigures> {
    const figures: RequestFigures = { connections: 0, taken: 0, refused: 0, known: 0, differences: [] }
    const texts = fc.sample(connections, { numRuns: total, seed })
    const work = async (): Promise<void> => {
      for (let text = texts.pop(); text !== undefined && figures.differences.length < MAX_DIFFERENCES; text = texts.pop()) {
        figures.connections += 1
        count(figures, text, await this.#ask(text, 0), await this.#ask(text, 1))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return figures
  } // prettier-ignore

  async #ask(bytes: string, who: 0 | 1): Promise<Said[]> {
    try {
      const { text } = await sendRaw(this.#ports[who], bytes, { halfClose: true, timeoutMs: NO_END_MS })
      return said(text, bytes)
    } catch (error) {
      return [[NO_END, String(error)]]
    }
  }
}

/** What is no whole answer, or has no head (HTTP/0.9), ends it. */
function said(text: string, bytes: string): Said[] {
  const { requests, endsInHead } = readRequests(bytes, AS_NGINX)
  const methods = [...requests.map(({ method }) => method), endsInHead ? 'HEAD' : '']
  const answers: Said[] = []
  try {
    for (let most = 1; ; most += 1) {
      const finals = readAnswers(text, methods, most).filter(({ status }) => status >= 200)
      const answer = finals[most - 1]
      if (answer === undefined) return answers
      answers.push([answer.status, answer.status === 200 ? comparable(answer.body) : ''])
    }
  } catch {
    return [...answers, [HEADLESS, '']]
  }
}

const HEADLESS = 0
const NO_END = -1

/** TAB beside a value is no part of it (RFC 9110 section 5.5), and a later HTTP/1 is spoken as HTTP/1.1. */
function comparable(read: string): string {
  return read.replaceAll('\t', '').replace(/HTTP\/1\.[2-9]/, 'HTTP/1.1')
}

function count(figures: RequestFigures, text: string, ours: readonly Said[], theirs: readonly Said[]): void {
  let at = 0
  while (at < ours.length && at < theirs.length && isDeepStrictEqual(ours[at], theirs[at])) at += 1
  const same = ours.slice(0, at)
  figures.taken += same.filter(([status]) => status === 200).length
  figures.refused += same.filter(([status]) => status !== 200).length
  const [we, they] = [ours.slice(at), theirs.slice(at)]
  if (we.length === 0 && they.length === 0) return
  if (isKnown(text, we, they)) figures.known += 1
  else figures.differences.push(`${JSON.stringify(text)}\n  ours  ${JSON.stringify(ours)}\n  nginx ${JSON.stringify(theirs)}`)
} // prettier-ignore

/** `ours` and `theirs` are what was said from the first difference on. */
function isKnown(text: string, ours: readonly Said[], theirs: readonly Said[]): boolean {
  const { error, between } = decodeRequests([Buffer.from(text, 'latin1')])
  const [[we] = [], [they] = []] = [ours[0], theirs[0]]
  // cut short: nginx closes without a word where the body is missing, we where the line has no end
  if (error === undefined && !between) return ours.length + theirs.length === 1 && (we ?? they) === 400
  // to HTTP/0.9 the page alone
  if (error === 'invalid_09_method') return we === 400 && they === HEADLESS
  // who serves them says so (405, 501), nginx's parser before it
  if (/CONNECT|OPTIONS +\*|TRACE/.test(text) && we !== undefined && we >= 400 && they === 400) return true
  // TAB beside a value is no part of it (RFC 9110 section 5.5); nginx takes it for a part of the host
  if (/Host:[^\n]*\t/.test(text) && they === 400) return true
  return error !== undefined && WE_REFUSE.has(error) && (we === undefined || we >= 400)
}
