/** Rows of the block `app name { }`: an application that the master runs. A table. */
import type { AnyDirective, BlockDirective, Directive, ListDirective } from '../config/directive.ts'
import { readMilliseconds, readNumber } from '../config/arguments.ts'
import { choiceRow, listRow, millisecondsRow, numberRow, sizeRow, textRow } from '../config/rows.ts'
import { isAllowance } from './front-allowance.ts'

const APP = ['app'] as const

/** What workers of ours speak, and programs that `command` names. */
export const APP_PROTOCOLS = ['fastcgi', 'uwsgi', 'scgi', 'http'] as const

export const app: BlockDirective<string> = {
  kind: 'block',
  name: 'app',
  contexts: ['main'],
  args: 1,
  syntax: 'name { ... }',
  doc: 'An application in processes of its own, which the master starts, watches and replaces; app_pass sends requests to it.',
  opens: 'app',
  parse: ([name], at) => {
    const text = name?.text ?? ''
    return /^[A-Za-z0-9_-]{1,40}$/.test(text) ? text : at.fail(`invalid app name "${text}"`)
  },
}

export const entry: Directive<string | undefined> = {
  kind: 'single',
  name: 'entry',
  contexts: APP,
  args: 1,
  syntax: 'file',
  default: undefined,
  doc: 'Module that exports the application: `application` (environ, startResponse), or as default what Express, Koa, Fastify, Hono or H3 make, an object with `fetch`, a function (request) => Response, a listener (request, response) or server of node:http; or one that only calls listen(). Its web sockets come from the server that it listens with or exports, or from an export `injectWebSocket` (Hono) or `upgrade` (request, socket, head). Relative to the prefix.',
  parse: ([file], at) => at.path(file?.text ?? '', 'prefix'),
}

export const command: Directive<readonly string[] | undefined> = {
  kind: 'single',
  name: 'command',
  contexts: APP,
  args: { min: 1 },
  syntax: 'program [argument ...]',
  default: undefined,
  doc: 'A program that speaks the protocol on $app_address (`unix:/path`) or $app_path (`/path`), or on the address that `listen` names, instead of an entry.',
  parse: (args) => args.map((word) => word.text),
}

export const protocol = choiceRow(
  { name: 'protocol', contexts: APP, default: 'fastcgi', doc: 'Protocol between the front and the workers.' },
  APP_PROTOCOLS,
)
/** How many processes an application has. */
export interface WorkerCount {
  readonly min: number
  readonly max: number
  /** What the number follows between the two, milliseconds. */
  readonly delayMs: number
  readonly idleMs: number
}

const readWorkers = readNumber({ min: 1, max: 1024 })

export const workers: Directive<WorkerCount> = {
  kind: 'single',
  name: 'workers',
  contexts: APP,
  args: [1, 2, 3],
  syntax: 'number | min..max [delay=time] [idle=time]',
  default: { min: 1, max: 1, delayMs: 0, idleMs: 0 },
  defaultText: '1',
  doc: 'Number of processes. Between min and max it follows the load: one more starts when requests wait longer than `delay` (20ms) for some seconds, in the queue of `concurrency` or for the event loop; one ends when the others would have done for the time `idle` (30s).',
  parse: ([count, ...parameters], at) => {
    const [least = '', most = least] = (count?.text ?? '').split('..')
    const min = readWorkers(least, at)
    const max = readWorkers(most, at)
    if (min > max) return at.fail(`invalid number of workers "${count?.text ?? ''}"`)
    let delayMs = 20
    let idleMs = 30_000
    for (const { text } of parameters) {
      const [, name, time] = /^(delay|idle)=(.+)$/.exec(text) ?? []
      if (name === undefined || time === undefined || min === max)
        return at.fail(`invalid parameter "${text}"`)
      if (name === 'delay') delayMs = readMilliseconds(time, at)
      else idleMs = readMilliseconds(time, at)
    }
    return { min, max, delayMs, idleMs }
  },
}
export const workingDirectory = textRow<undefined>({
  name: 'working_directory',
  contexts: APP,
  default: undefined,
  doc: 'Folder in which the workers run; the prefix by default.',
})

/** Where fronts of another make connect. */
export interface AppListenRow {
  readonly address: string
  /** Permission bits of a unix socket. */
  readonly mode: number
}

/** Who shares the group may connect, strangers may not. */
const SHARED_SOCKET_MODE = 0o660

export const cwd = textRow<undefined>({
  name: 'cwd',
  contexts: APP,
  default: undefined,
  doc: 'The same as working_directory.',
})
export const umask: Directive<number | undefined> = {
  kind: 'single',
  name: 'umask',
  contexts: APP,
  args: 1,
  syntax: 'octal',
  default: undefined,
  defaultText: "the server's own",
  doc: 'Permission bits that files of the application do not get.',
  parse: ([octal], at) =>
    /^0?[0-7]{3}$/.test(octal?.text ?? '')
      ? parseInt(octal?.text ?? '', 8)
      : at.fail('"umask" directive invalid value'),
}

export const appListen: Directive<AppListenRow | undefined> = {
  kind: 'single',
  name: 'listen',
  contexts: APP,
  args: [1, 2],
  syntax: 'address:port | unix:path [mode=octal]',
  default: undefined,
  doc: 'A further address, shared by all workers, for another front. Our own front uses private sockets. The permissions of a unix socket are 660 unless `mode` says otherwise; an address that other machines reach demands `allow`.',
  parse: ([address, mode], at) => {
    const octal = mode && /^mode=([0-7]{3})$/.exec(mode.text)?.[1]
    if (mode && octal === undefined) return at.fail(`invalid parameter "${mode.text}"`)
    return {
      address: address?.text ?? '',
      mode: octal === undefined ? SHARED_SOCKET_MODE : parseInt(octal, 8),
    }
  },
}

export const appAllow = listRow<string>(
  { name: 'allow', contexts: APP, doc: 'Who may connect to the address of `listen`; nobody else.' },
  'address | CIDR | all',
  (text, at) => (isAllowance(text) ? text : at.fail(`invalid parameter "${text}"`)),
)

/** `value` undefined: as it is where the server is started. */
export interface EnvRow {
  readonly name: string
  readonly value: string | undefined
}

export const appEnv: ListDirective<EnvRow> = {
  kind: 'list',
  name: 'env',
  contexts: APP,
  args: { min: 1, max: 2 },
  syntax: 'NAME value | NAME=value | NAME',
  doc: 'A variable in the environment of the workers, beside those that the server was started with.',
  parse: ([first, second], at) => {
    const text = first?.text ?? ''
    const equals = text.indexOf('=')
    const name = second || equals < 0 ? text : text.slice(0, equals)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return at.fail(`invalid variable name "${name}"`)
    return { name, value: second ? second.text : equals < 0 ? undefined : text.slice(equals + 1) }
  },
}

/** Of requests, and up to how many more. */
export interface RequestAllowance {
  readonly requests: number
  readonly jitter: number
}

export const maxRequests: Directive<RequestAllowance> = {
  kind: 'single',
  name: 'max_requests',
  contexts: APP,
  args: [1, 2],
  syntax: 'number [jitter]',
  default: { requests: 0, jitter: 0 },
  defaultText: '0',
  doc: 'A worker that has answered so many requests is replaced; each worker up to `jitter` later, a tenth by default. 0 for never.',
  parse: ([number, jitter], at) => {
    const requests = readNumber()(number?.text ?? '', at)
    return { requests, jitter: jitter ? readNumber()(jitter.text, at) : Math.floor(requests / 10) }
  },
}
export const maxLifetime = millisecondsRow({
  name: 'max_lifetime',
  contexts: APP,
  default: 0,
  defaultText: '0',
  doc: 'A worker of that age, and up to a tenth more, is replaced. 0 for never.',
})
export const reloadOnRss = sizeRow({
  name: 'reload_on_rss',
  contexts: APP,
  default: 0,
  defaultText: '0',
  doc: 'A worker with so much resident memory is replaced. 0 for never.',
})
export const concurrency = numberRow({
  name: 'concurrency',
  contexts: APP,
  default: 0,
  doc: 'Requests that one worker runs at a time; the others wait in its queue. 0 for no limit.',
})
/** Requests that wait in one worker. */
export interface QueueRow {
  readonly requests: number
  readonly delayMs: number
}

export const queue: Directive<QueueRow> = {
  kind: 'single',
  name: 'queue',
  contexts: APP,
  args: [1, 2],
  syntax: 'number [delay=time]',
  default: { requests: 1000, delayMs: 100 },
  defaultText: '1000 delay=100ms',
  doc: 'Requests that wait in one worker for their turn; what comes beyond them gets a 503 with Retry-After. A queue in which more than 100 wait, one of them for longer than a second and than `delay`, stands: until it is empty, the newest comes first, and who has waited longer than `delay` (and than 8 others take) gets the 503, too. `delay=0` lets all wait.',
  parse: ([number, parameter], at) => {
    const requests = readNumber()(number?.text ?? '', at)
    if (!parameter) return { requests, delayMs: 100 }
    const [, time] = /^delay=(.+)$/.exec(parameter.text) ?? []
    if (time === undefined) return at.fail(`invalid parameter "${parameter.text}"`)
    return { requests, delayMs: readMilliseconds(time, at) }
  },
}
export const harakiri = millisecondsRow({
  name: 'harakiri',
  contexts: APP,
  default: 0,
  defaultText: '0',
  doc: 'A request that runs longer is cancelled (its AbortSignal, a 504 for the client), alone; a worker whose event loop stands still so long is killed. The log names the request, what it did last, and the line of code. 0 for never.',
})
export const heartbeat = millisecondsRow({
  name: 'heartbeat',
  contexts: APP,
  default: 30_000,
  defaultText: '30s',
  doc: 'A worker whose event loop stands still so long is killed and replaced; the log names the line of code. 0 for never.',
})
export const bootTimeout = millisecondsRow({
  name: 'boot_timeout',
  contexts: APP,
  default: 60_000,
  defaultText: '60s',
  doc: 'A worker that does not serve after it has failed to boot.',
})

export const appDirectives: readonly AnyDirective[] = [
  app,
  entry,
  command,
  protocol,
  workers,
  workingDirectory,
  cwd,
  umask,
  appListen,
  appAllow,
  appEnv,
  maxRequests,
  maxLifetime,
  reloadOnRss,
  concurrency,
  queue,
  harakiri,
  heartbeat,
  bootTimeout,
]
