/** What master and worker say to each other over the IPC channel. JSON. */
import type { FigureTotals, Figures } from './figure-book.ts'
import type { Standing } from './generation.ts'
import type { LogLevel } from './log.ts'

/** A listening socket as the worker finds it. */
export interface InheritedListener {
  readonly key: string
  readonly fd: number
  /** `127.0.0.1:8080`, with the port that the system chose. */
  readonly address: string
  readonly backlog?: number | undefined
}

export interface StartMessage {
  readonly type: 'start'
  /** `app:demo#0` */
  readonly name: string
  readonly index: number
  readonly boot: unknown
  readonly listeners: readonly InheritedListener[]
  readonly heartbeatIntervalMs: number
  /** null for no limit: JSON has no Infinity. */
  readonly shutdownTimeoutMs: number | null
  readonly standing?: Standing | undefined
}

export type MasterMessage =
  | StartMessage
  | { readonly type: 'quit' }
  | { readonly type: 'reopen' }
  /** Others have come or gone who share the work: connections that are kept are to be made anew. */
  | { readonly type: 'rebalance' }
  /** Asks for what the worker has counted and not told. */
  | { readonly type: 'figures' }
  /** The answer to `collect`. */
  | { readonly type: 'totals'; readonly totals: FigureTotals }
  /** Asks what the worker does now. */
  | { readonly type: 'report'; readonly id: number }

export type WorkerMessage =
  | { readonly type: 'ready' }
  /** `lagMs`: how late the event loop was since the last beat. `figures` are the worker's own: JSON, unread here. */
  | { readonly type: 'beat'; readonly lagMs: number; readonly figures?: unknown }
  /** The worker has had its time, and serves on until another is ready in its place. */
  | { readonly type: 'retire'; readonly reason: string }
  /** What counters grew by since the last time, and gauges as they are. */
  | { readonly type: 'figures'; readonly counters: Figures; readonly gauges: Figures }
  /** Asks for the figures of all workers. */
  | { readonly type: 'collect' }
  /** The answer to `report`. */
  | { readonly type: 'report'; readonly id: number; readonly report: unknown }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  /** The worker's last word before it exits with 1. */
  | { readonly type: 'fault'; readonly reason: string }

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>([
  'debug',
  'info',
  'notice',
  'warn',
  'error',
  'crit',
  'alert',
  'emerg',
])

/** Undefined for anything else: an application in the worker may send what it likes through `process.send`. */
export function readWorkerMessage(value: unknown): WorkerMessage | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  if (value.type === 'ready') return { type: 'ready' }
  if (value.type === 'beat' && 'lagMs' in value && typeof value.lagMs === 'number')
    return { type: 'beat', lagMs: value.lagMs, ...('figures' in value && { figures: value.figures }) }
  if (value.type === 'collect') return { type: 'collect' }
  if (value.type === 'figures' && 'counters' in value && 'gauges' in value)
    return { type: 'figures', counters: readFigures(value.counters), gauges: readFigures(value.gauges) }
  if (value.type === 'retire' && 'reason' in value && typeof value.reason === 'string')
    return { type: 'retire', reason: value.reason }
  if (value.type === 'report' && 'id' in value && typeof value.id === 'number' && 'report' in value)
    return { type: 'report', id: value.id, report: value.report }
  if (value.type === 'fault' && 'reason' in value && typeof value.reason === 'string')
    return { type: 'fault', reason: value.reason }
  if (value.type === 'log' && 'level' in value && 'message' in value && typeof value.message === 'string')
    return { type: 'log', level: isLevel(value.level) ? value.level : 'error', message: value.message }
  return undefined
}

function readFigures(value: unknown): Figures {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, figure]) => typeof figure === 'number'))
}

function isLevel(value: unknown): value is LogLevel {
  return LEVELS.has(value)
}

const MASTER_TYPES: ReadonlySet<unknown> = new Set<MasterMessage['type']>([
  'start',
  'quit',
  'reopen',
  'rebalance',
  'report',
  'figures',
  'totals',
])

/** The master is ours: only the shape's outline is looked at. */
export function readMasterMessage(value: unknown): MasterMessage | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  return MASTER_TYPES.has(value.type) ? (value as MasterMessage) : undefined
}
