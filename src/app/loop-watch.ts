/** Starts the thread that watches this thread's event loop, and beats for it. */
import { Worker } from 'node:worker_threads'
import type { LoopWatcherData } from './loop-watcher.ts'
import type { StageMemory } from './stage-memory.ts'

export interface LoopWatchOptions {
  /** The program whose `watchLoop` runs in the thread. */
  readonly program: string | URL
  readonly args: readonly string[]
  /** A loop that stands still for so long is taken for dead. */
  readonly limitMs: number
  readonly memory: StageMemory
}

const BEATS_PER_LIMIT = 8
const MAX_BEAT_MS = 500

/** Answers what ends it. */
export function startLoopWatch({ program, args, limitMs, memory }: LoopWatchOptions): () => void {
  const intervalMs = Math.min(limitMs / BEATS_PER_LIMIT, MAX_BEAT_MS)
  const data: LoopWatcherData = { shared: memory.shared, intervalMs, limitMs }
  const thread = new Worker(program, {
    argv: [...args],
    workerData: data,
    execArgv: [],
    stdout: false,
    stderr: false,
  })
  // The worker serves on without its watcher: the master's heartbeat remains.
  thread.on('error', () => undefined)
  thread.unref()
  const timer = setInterval(() => memory.beat(), intervalMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    void thread.terminate()
  }
}
