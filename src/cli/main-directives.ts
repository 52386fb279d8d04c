/** Rows of the main context and of `events { }`: what concerns processes, not requests. A table. */
import { readMilliseconds, readNumber, readOffset } from '../config/arguments.ts'
import type { AnyDirective, BlockDirective, Directive, ListDirective } from '../config/directive.ts'
import { choiceRow, flagRow, millisecondsRow, numberRow, textRow, valueRow } from '../config/rows.ts'
import { findGroup, findUser, type UserIds } from '../io/user-database.ts'

const MAIN = ['main'] as const
const EVENTS = ['events'] as const

export const events: BlockDirective<undefined> = {
  kind: 'block',
  name: 'events',
  contexts: MAIN,
  args: 0,
  syntax: '{ ... }',
  doc: 'Settings of connection processing.',
  opens: 'events',
  once: true,
  parse: () => undefined,
}

export const workerConnections = numberRow(
  {
    name: 'worker_connections',
    contexts: EVENTS,
    default: 512,
    doc: 'Most connections open in one front worker. The longest idle one gives way to a new one.',
  },
  { min: 1 },
)

export const workerProcesses: Directive<number | 'auto'> = valueRow<number | 'auto'>(
  {
    name: 'worker_processes',
    contexts: MAIN,
    default: 1,
    defaultText: '1',
    doc: 'Number of front workers; auto for one per processor.',
  },
  'number | auto',
  (text, at) => (text === 'auto' ? 'auto' : readNumber({ min: 1, max: 1024 })(text, at)),
)

export const pid: Directive<string | undefined> = {
  kind: 'single',
  name: 'pid',
  contexts: MAIN,
  args: 1,
  syntax: 'file',
  default: undefined,
  defaultText: 'run/portico.pid',
  doc: 'File with the process id of the master, written when all addresses are bound and all workers ready. Relative to the prefix.',
  parse: ([file], at) => at.path(file?.text ?? '', 'prefix'),
}

export const workerShutdownTimeout = millisecondsRow({
  name: 'worker_shutdown_timeout',
  contexts: MAIN,
  default: 30_000,
  defaultText: '30s',
  doc: 'Time that a draining worker has for the requests it still answers.',
})

/** Undefined where the starter is not root: nobody else can become somebody. */
export const user: Directive<UserIds | undefined> = {
  kind: 'single',
  name: 'user',
  contexts: MAIN,
  args: [1, 2],
  syntax: 'user [group]',
  default: undefined,
  defaultText: 'who starts the server',
  doc: 'User, and group where it is not the one of the same name, of front and application workers when root starts the server.',
  parse: ([name, group], at) => {
    if (process.geteuid?.() !== 0) {
      at.warn(
        'the "user" directive makes sense only if the master process runs with super-user privileges, ignored',
      )
      return undefined
    }
    const userName = name?.text ?? ''
    const groupName = (group ?? name)?.text ?? ''
    if (!findUser(userName)) at.fail(`getpwnam("${userName}") failed`)
    const gid = findGroup(groupName) ?? at.fail(`getgrnam("${groupName}") failed`)
    return findUser(userName, gid)
  },
}

/** In `app { }`. */
export const appUser: Directive<UserIds | undefined> = {
  ...user,
  contexts: ['app'],
  defaultText: 'that of the main context',
  doc: 'User, and group, of the workers of the application when root starts the server.',
}

export const workerRlimitNofile = valueRow<number | undefined>(
  {
    name: 'worker_rlimit_nofile',
    contexts: MAIN,
    default: undefined,
    defaultText: 'as the server is started',
    doc: 'Most open files of a front worker.',
  },
  'number',
  readNumber({ min: 1 }),
)

export const workerRlimitCore = valueRow<number | undefined>(
  {
    name: 'worker_rlimit_core',
    contexts: MAIN,
    default: undefined,
    defaultText: 'as the server is started',
    doc: 'Largest core file of a front worker.',
  },
  'size',
  readOffset,
)

export const workerPriority = valueRow<number>(
  {
    name: 'worker_priority',
    contexts: MAIN,
    default: 0,
    defaultText: '0',
    doc: 'Nice value of front workers, from -20 to 20; below 0 only for root.',
  },
  'number',
  (text, at) =>
    /^[+-]?[0-9]+$/.test(text) ? Number(text) : at.fail('"worker_priority" directive invalid number'),
)

export interface CpuAffinity {
  /** Each worker gets one processor of the last mask. */
  readonly auto: boolean
  readonly masks: readonly bigint[]
}

export const workerCpuAffinity: Directive<CpuAffinity | undefined> = {
  kind: 'single',
  name: 'worker_cpu_affinity',
  contexts: MAIN,
  args: { min: 1 },
  syntax: 'mask ... | auto [mask]',
  default: undefined,
  defaultText: 'all',
  doc: 'Processors of each front worker as binary masks; auto gives each one of its own. Needs taskset of util-linux.',
  parse: (args, at) => {
    const auto = args[0]?.text === 'auto'
    if (auto && args.length > 2) at.fail('invalid number of arguments in "worker_cpu_affinity" directive')
    const masks = args.slice(auto ? 1 : 0).map(({ text }) => {
      const wrong = /[^01 ]/.exec(text)?.[0]
      if (wrong !== undefined) return at.fail(`invalid character "${wrong}" in "worker_cpu_affinity"`)
      return BigInt(`0b0${text.replaceAll(' ', '')}`)
    })
    return { auto, masks }
  },
}

export const workingDirectory: Directive<string | undefined> = {
  kind: 'single',
  name: 'working_directory',
  contexts: MAIN,
  args: 1,
  syntax: 'directory',
  default: undefined,
  doc: 'Working directory of front workers: where a core file is written.',
  parse: ([path], at) => at.path(path?.text ?? '', 'prefix'),
}

/** `value` undefined: as it is where the server is started. */
export interface EnvRow {
  readonly name: string
  readonly value: string | undefined
}

export const env: ListDirective<EnvRow> = {
  kind: 'list',
  name: 'env',
  contexts: MAIN,
  args: 1,
  syntax: 'variable[=value]',
  doc: 'A variable in the environment of front workers, which otherwise keep TZ and what the runtime reads.',
  parse: ([word]) => {
    const text = word?.text ?? ''
    const equals = text.indexOf('=')
    return equals < 0
      ? { name: text, value: undefined }
      : { name: text.slice(0, equals), value: text.slice(equals + 1) }
  },
}

export const daemon = flagRow({
  name: 'daemon',
  contexts: MAIN,
  default: false,
  doc: 'Whether the server goes into the background once it serves. Off here by default.',
})

const runtime = 'the runtime decides it'

export const mainDirectives: readonly AnyDirective[] = [
  appUser,
  events,
  workerConnections,
  workerProcesses,
  pid,
  workerShutdownTimeout,
  daemon,
  user,
  workerRlimitNofile,
  workerRlimitCore,
  workerPriority,
  workerCpuAffinity,
  workingDirectory,
  env,
  valueRow<number>(
    {
      name: 'timer_resolution',
      contexts: MAIN,
      default: 0,
      defaultText: 'as the runtime has it',
      doc: 'Resolution of the clock.',
      noEffect: runtime,
    },
    'interval',
    readMilliseconds,
  ),
  choiceRow(
    {
      name: 'debug_points',
      contexts: MAIN,
      default: 'stop',
      doc: 'What happens at a debug point.',
      noEffect: 'there are none',
    },
    ['abort', 'stop'],
  ),
  {
    kind: 'list',
    name: 'thread_pool',
    contexts: MAIN,
    args: [2, 3],
    syntax: 'name threads=number [max_queue=number]',
    doc: 'Threads that read files.',
    noEffect: 'the runtime has one pool, of UV_THREADPOOL_SIZE threads',
    parse: ([name, ...options], at) => {
      const texts = options.map(({ text }) => text)
      for (const text of texts)
        if (!/^(threads|max_queue)=[0-9]+$/.test(text)) at.fail(`invalid parameter "${text}"`)
      if (!texts.some((text) => /^threads=0*[1-9]/.test(text)))
        at.fail(`invalid number of threads in the thread pool "${name?.text ?? ''}"`)
      return name?.text ?? ''
    },
  },
  choiceRow(
    {
      name: 'use',
      contexts: EVENTS,
      default: 'epoll',
      doc: 'Method of waiting for events.',
      noEffect: runtime,
    },
    ['epoll', 'poll', 'select', 'kqueue', 'eventport', '/dev/poll'],
  ),
  millisecondsRow({
    name: 'accept_mutex_delay',
    contexts: EVENTS,
    default: 500,
    defaultText: '500ms',
    doc: 'Time between two tries for the turn.',
    noEffect: runtime,
  }),
  numberRow({
    name: 'worker_aio_requests',
    contexts: EVENTS,
    default: 32,
    doc: 'Asynchronous operations at a time.',
    noEffect: runtime,
  }),
  flagRow({
    name: 'master_process',
    contexts: MAIN,
    default: true,
    doc: 'Whether workers are started.',
    noEffect: 'there is always a master',
  }),
  flagRow({
    name: 'pcre_jit',
    contexts: MAIN,
    default: false,
    doc: 'Just-in-time regular expressions.',
    noEffect: runtime,
  }),
  textRow({
    name: 'lock_file',
    contexts: MAIN,
    default: '',
    doc: 'Lock file.',
    noEffect: 'no lock is needed',
  }),
  flagRow({
    name: 'multi_accept',
    contexts: EVENTS,
    default: false,
    doc: 'Whether all waiting connections are accepted at once.',
    noEffect: runtime,
  }),
  flagRow({
    name: 'accept_mutex',
    contexts: EVENTS,
    default: false,
    doc: 'Whether workers take turns.',
    noEffect: runtime,
  }),
  {
    kind: 'list',
    name: 'debug_connection',
    contexts: EVENTS,
    args: 1,
    syntax: 'address | CIDR | unix:',
    doc: 'Clients whose requests are logged in detail.',
    noEffect: 'there is no debug log',
    parse: () => undefined,
  },
]
