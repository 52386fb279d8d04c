/** Load by wrk on a processor of its own. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LOAD_CPU, type Contender } from './contender.ts'

export interface Load {
  readonly path: string
  readonly connections: number
  /** Header lines. `Connection: close` makes a connection for each request. */
  readonly headers?: readonly string[]
  readonly scheme?: 'http' | 'https'
  /** Answers of 4xx and 5xx are what is asked for. */
  readonly expectsErrors?: boolean
}

export interface Sample {
  readonly requestsPerSecond: number
  /** User and system time of the contender per request. */
  readonly cpuMicroseconds: number
  /** Answers that were not 2xx or 3xx, unless expected, and socket errors. */
  readonly failures: number
}

const run = promisify(execFile)

export async function measure(contender: Contender, load: Load, seconds: number): Promise<Sample> {
  const url = `${load.scheme ?? 'http'}://127.0.0.1:${contender.spec.port}${load.path}`
  const headers = (load.headers ?? []).flatMap((line) => ['-H', line])
  const options = ['-t1', `-c${load.connections}`, `-d${seconds}s`, ...headers]
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
