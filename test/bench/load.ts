/** Load by wrk on a processor of its own. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Contender } from './contender.ts'

export interface LoadOptions {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** Processor that wrk is pinned to. */
  readonly cpu: string
}

export interface Sample {
  readonly requestsPerSecond: number
  /** User and system time of the contender per request. */
  readonly cpuMicroseconds: number
  /** Answers that were not 2xx or 3xx, and socket errors. */
  readonly failures: number
}

const run = promisify(execFile)

export async function measure(
  contender: Contender,
  { url, connections, seconds, cpu }: LoadOptions,
): Promise<Sample> {
  const before = contender.cpuSeconds()
  const { stdout } = await run('taskset', ['-c', cpu, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url])
  const spent = contender.cpuSeconds() - before
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0)
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0)
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)
  const socketErrors = errors ? errors.slice(1).reduce((sum, text) => sum + Number(text), 0) : 0
  return {
    requestsPerSecond: perSecond,
    cpuMicroseconds: requests === 0 ? NaN : (spent * 1e6) / requests,
    failures: bad + socketErrors,
  }
}
