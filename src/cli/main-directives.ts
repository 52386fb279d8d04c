/** Rows of the main context and of `events { }`: what concerns processes, not requests. A table. */
import { readNumber } from '../config/arguments.ts'
import type { AnyDirective, BlockDirective, Directive } from '../config/directive.ts'
import { flagRow, millisecondsRow, numberRow, textRow, valueRow } from '../config/rows.ts'

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

export const daemon = flagRow({
  name: 'daemon',
  contexts: MAIN,
  default: false,
  doc: 'Whether the server goes into the background once it serves. Off here by default.',
})

const runtime = 'the runtime decides it'

export const mainDirectives: readonly AnyDirective[] = [
  events,
  workerConnections,
  workerProcesses,
  pid,
  workerShutdownTimeout,
  daemon,
  flagRow({
    name: 'master_process',
    contexts: MAIN,
    default: true,
    doc: 'Whether workers are started.',
    noEffect: 'there is always a master',
  }),
  {
    kind: 'single',
    name: 'user',
    contexts: MAIN,
    args: [1, 2],
    syntax: 'user [group]',
    default: undefined,
    doc: 'User of the workers.',
    noEffect: 'workers run as the user who starts the master',
    parse: () => undefined,
  },
  numberRow({
    name: 'worker_rlimit_nofile',
    contexts: MAIN,
    default: 0,
    doc: 'Limit of open files.',
    noEffect: 'set it where the server is started (ulimit -n)',
  }),
  textRow({ name: 'worker_priority', contexts: MAIN, default: '0', doc: 'Nice value.', noEffect: runtime }),
  {
    kind: 'single',
    name: 'worker_cpu_affinity',
    contexts: MAIN,
    args: { min: 1 },
    syntax: 'mask ...',
    default: undefined,
    doc: 'Processors of the workers.',
    noEffect: runtime,
    parse: () => undefined,
  },
  flagRow({
    name: 'pcre_jit',
    contexts: MAIN,
    default: false,
    doc: 'Just-in-time regular expressions.',
    noEffect: runtime,
  }),
  textRow({
    name: 'timer_resolution',
    contexts: MAIN,
    default: '',
    doc: 'Resolution of the clock.',
    noEffect: runtime,
  }),
  textRow({
    name: 'lock_file',
    contexts: MAIN,
    default: '',
    doc: 'Lock file.',
    noEffect: 'no lock is needed',
  }),
  textRow({ name: 'use', contexts: EVENTS, default: '', doc: 'Event method.', noEffect: runtime }),
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
  textRow({
    name: 'accept_mutex_delay',
    contexts: EVENTS,
    default: '500ms',
    doc: 'Time between two tries for the turn.',
    noEffect: runtime,
  }),
  textRow({
    name: 'worker_aio_requests',
    contexts: EVENTS,
    default: '32',
    doc: 'Asynchronous operations at a time.',
    noEffect: runtime,
  }),
]
