/** Load on a processor of its own: by wrk, or by websockets. */
import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { LOAD_CPU, type Contender } from './contender.ts'

export interface Load {
  readonly path: string
  readonly connections: number
  /** Header lines. `Connection: close` makes a connection for each request. */
  readonly headers?: readonly string[]
  readonly scheme?: 'http' | 'https'
  /** Answers of 4xx and 5xx are what is asked for. */
  readonly expectsErrors?: boolean
  /** Sent with each request, by POST. */
  readonly post?: { readonly type: string; readonly body: string }
  /** The page is asked for once before: its cookies come with each request, and its CSRF token with each body. */
  readonly session?: boolean
  /** So many websockets, each with one message on its way; a request is then a message and its echo. */
  readonly websockets?: number
}

export interface Sample {
  readonly requestsPerSecond: number
  /** User and system time of the contender per request. */
  readonly cpuMicroseconds: number
  /** Answers that were not 2xx or 3xx, unless expected, and socket errors. */
  readonly failures: number
}

const run = promisify(execFile)

const WEBSOCKET_CLIENT = fileURLToPath(new URL('peers/websocket-client.ts', import.meta.url))

const ANSWER_TIMEOUT_MS = 20_000

/** Waits until what stands behind a front answers, and adds the cookies and the token of its page. */
export async function prepareLoad(load: Load, contender: Contender): Promise<Load> {
  if (load.scheme === 'https') return load
  const response = await firstAnswer(`http://127.0.0.1:${contender.spec.port}${load.path}`)
  if (!load.session) {
    await response.body?.cancel()
    return load
  }
  const cookies = response.headers.getSetCookie().map((line) => line.slice(0, line.indexOf(';')))
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await response.text())?.[1]
  if (token === undefined || cookies.length < 2)
    throw new Error(`${contender.spec.name} gave no token or no session (${response.status})`)
  const post = load.post && { ...load.post, body: `csrfmiddlewaretoken=${token}&${load.post.body}` }
  return {
    ...load,
    headers: [...(load.headers ?? []), `Cookie: ${cookies.join('; ')}`],
    ...(post && { post }),
  }
}

async function firstAnswer(url: string): Promise<Response> {
  const end = performance.now() + ANSWER_TIMEOUT_MS
  for (;;) {
    const response = await fetch(url, { redirect: 'manual' })
    if (response.status < 500) return response
    if (performance.now() > end) throw new Error(`${url} answers ${response.status}`)
    await response.arrayBuffer()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export function measure(contender: Contender, load: Load, seconds: number): Promise<Sample> {
  return load.websockets === undefined
    ? measureRequests(contender, load, seconds)
    : measureMessages(contender, load.path, load.websockets, seconds)
}

async function measureRequests(contender: Contender, load: Load, seconds: number): Promise<Sample> {
  const url = `${load.scheme ?? 'http'}://127.0.0.1:${contender.spec.port}${load.path}`
  const headers = (load.headers ?? []).flatMap((line) => ['-H', line])
  const script = load.post ? ['-s', writeScript(load.post, contender)] : []
  const options = ['-t1', `-c${load.connections}`, `-d${seconds}s`, ...headers, ...script]
  const before = contender.cpuSeconds()
  const { stdout } = await run('taskset', ['-c', LOAD_CPU, 'wrk', ...options, url])
  const spent = contender.cpuSeconds() - before
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0)
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0)
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)
  const socketErrors = errors ? errors.slice(1).reduce((sum, text) => sum + Number(text), 0) : 0
  return {
    requestsPerSecond: perSecond,
    cpuMicroseconds: requests === 0 ? NaN : (spent * 1e6) / requests,
    failures: (load.expectsErrors ? requests - bad : bad) + socketErrors,
  }
}

/** A script for wrk, beside the contender's files. */
function writeScript({ type, body }: NonNullable<Load['post']>, { spec }: Contender): string {
  const path = join(spec.cwd ?? '.', `post-${spec.port}`)
  writeFileSync(`${path}.body`, body)
  writeFileSync(
    `${path}.lua`,
    `wrk.method = "POST"\nwrk.headers["Content-Type"] = "${type}"\nlocal file = io.open("${path}.body", "rb")
wrk.body = file:read("*a")\nfile:close()\n`,
  )
  return `${path}.lua`
}

/** The handshakes come before: only messages are counted. */
async function measureMessages(
  contender: Contender,
  path: string,
  count: number,
  seconds: number,
): Promise<Sample> {
  const argv = [WEBSOCKET_CLIENT, String(contender.spec.port), path, String(count), String(seconds)]
  const child = spawn('taskset', ['-c', LOAD_CPU, process.execPath, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let before = NaN
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') before = contender.cpuSeconds()
    else {
      const { messages, failures } = JSON.parse(line) as { messages: number; failures: number }
      const spent = contender.cpuSeconds() - before
      return {
        requestsPerSecond: messages / seconds,
        cpuMicroseconds: (spent * 1e6) / messages,
        failures,
      }
    }
  }
  throw new Error(`${contender.spec.name}: the websockets could not be opened`)
}
