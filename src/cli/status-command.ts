/** `portico status`: the workers of a running server and what they do, in the manner of uwsgitop. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isWorkerFigures, type RunningRequest } from '../app/worker-figures.ts'
import { askControl } from '../io/control-socket.ts'
import type { UnixAddress } from '../io/socket-address.ts'
import { strerror } from '../util/strerror.ts'
import type { GroupStatus, MasterStatus, WorkerStatus } from '../process/master-status.ts'
import { placesOf } from './load-conf.ts'
import { controlAddress } from './control.ts'
import { COMMANDS } from './help/command-table.ts'
import { helpText, usageText } from './help/help-text.ts'

/** Answers the exit code. */
export async function statusCommand(argv: readonly string[]): Promise<number> {
  let options
  let request
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: COMMANDS.status.options,
    })
    options = parsed.values
    request = requestOf(parsed.positionals)
  } catch (error) {
    process.stderr.write(
      `portico: ${error instanceof Error ? error.message : String(error)}\n${usageText('status')}`,
    )
    return 1
  }
  if (options.help) {
    process.stdout.write(helpText('status'))
    return 0
  }
  const address = addressOf(options)
  let reply
  try {
    reply = await askControl(address, request.line)
  } catch (error) {
    process.stderr.write(
      `portico: connect() to unix:${address.path} failed (${strerror(error)}); is the server running?\n`,
    )
    return 1
  }
  if (request.app !== undefined) return sayRestart(request.app, reply)
  process.stdout.write(options.json ? `${reply}\n` : statusText(JSON.parse(reply) as MasterStatus))
  return 0
}

interface StatusOptions {
  readonly prefix?: string | undefined
  readonly conf?: string | undefined
  readonly control?: string | undefined
}

function addressOf({ prefix, conf, control }: StatusOptions): UnixAddress {
  if (control !== undefined) return { kind: 'unix', path: resolve(control) }
  return controlAddress(placesOf({ prefix, conf, errorLog: undefined }, process.cwd()))
}

interface ControlRequest {
  readonly line: string
  /** To be restarted. */
  readonly app?: string | undefined
}

/** @throws Error for words that make none */
function requestOf([verb, app, ...rest]: readonly string[]): ControlRequest {
  if (verb === undefined) return { line: 'status' }
  if (verb !== 'restart' || rest.length > 0) throw new Error(`status: unknown request "${verb}"`)
  if (app === undefined || !/^[A-Za-z0-9_-]+$/.test(app)) throw new Error('status restart: which app?')
  return { line: `restart ${app}`, app }
}

/** Answers the exit code. */
function sayRestart(app: string, reply: string): number {
  const { restarting } = JSON.parse(reply) as { restarting: number }
  if (restarting > 0) process.stdout.write(`${app}: ${restarting} workers are replaced one after the other\n`)
  else process.stderr.write(`portico: no workers of ours run an app "${app}"\n`)
  return restarting > 0 ? 0 : 1
}

const COLUMNS = [
  'WORKER',
  'PID',
  'STATE',
  'RUN',
  'WAIT',
  'ANSWERED',
  'REFUSED',
  'EXPIRED',
  'QUEUE',
  'RSS',
  'AGE',
]
/** A loop that is silent for longer than some beats is said to be. */
const NOTABLE_SILENCE_MS = 3000

export function statusText({ pid, groups }: MasterStatus): string {
  const rows = [COLUMNS, ...groups.flatMap(({ workers }) => workers.map(workerRow))]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  const [head = [], ...rest] = rows
  const workers = groups.flatMap((group: GroupStatus) => group.workers)
  const lines = rest.flatMap((row, index) => [line(row), ...requestLines(workers[index])])
  return [`master process ${pid}`, '', line(head), ...lines, ''].join('\n')
}

function workerRow({ name, pid, state, ageMs, silentMs, figures }: WorkerStatus): string[] {
  const silent = state === 'ready' && figures !== null && silentMs > NOTABLE_SILENCE_MS
  const start = [name, String(pid ?? '-'), silent ? `silent ${seconds(silentMs)}` : state]
  if (!isWorkerFigures(figures))
    return [...start, ...Array<string>(COLUMNS.length - 4).fill('-'), seconds(ageMs)]
  const { running, waiting, answered, refused, expired, queueDelayMs, rss } = figures
  return [
    ...start,
    ...[running, waiting, answered, refused, expired].map(String),
    `${queueDelayMs} ms`,
    `${Math.round(rss / (1 << 20))} MiB`,
    seconds(ageMs),
  ]
}

function requestLines(worker: WorkerStatus | undefined): string[] {
  const report: readonly RunningRequest[] = Array.isArray(worker?.report) ? worker.report : []
  return report.map(({ title, ageMs, stage, query }) =>
    [`    ${seconds(ageMs)}`, title, stage, query].filter((part) => part !== undefined).join('  '),
  )
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
