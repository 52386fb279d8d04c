/**
 * In a thread of its own beside a worker's loop: a loop that does not turn is named and killed, with its process.
 *
 * Rules of this file:
 * - The line of code comes from the debugger, which stops JavaScript wherever it is. Code that is blocked in native
 *   code does not stop: then what it wrote last to shared memory has to do.
 * - Nothing here may need the other thread: the log is written to descriptor 2, with which the master reads lines.
 * - Turns of its own timer are counted, not time: a process that was stopped as a whole has not stood still.
 */
import { Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'
import { writeStderr } from '../io/write-stderr.ts'
import { StageMemory } from './stage-memory.ts'

export interface LoopWatcherData {
  readonly shared: SharedArrayBuffer
  readonly intervalMs: number
  readonly limitMs: number
}

interface CallFrame {
  readonly functionName: string
  /** Empty where `location` alone says it. */
  readonly url: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number }
}

/** On a machine that is busy with an endless loop. */
const PAUSE_WAIT_MS = 1500
const MAX_FRAMES = 4

export function watchLoop(kill: () => void): void {
  const { shared, intervalMs, limitMs } = workerData as LoopWatcherData
  const memory = new StageMemory(shared)
  const limit = Math.ceil(limitMs / intervalMs)
  let seen = memory.beats
  let silent = 0
  const timer = setInterval(() => {
    const beats = memory.beats
    silent = beats === seen ? silent + 1 : 0
    seen = beats
    if (silent < limit) return
    clearInterval(timer)
    void diagnose(memory, limitMs).then((text) => {
      writeStderr(`${text}\n`)
      kill()
    })
  }, intervalMs)
}

async function diagnose(memory: StageMemory, limitMs: number): Promise<string> {
  const frames = await takeStack()
  const where =
    frames === undefined
      ? 'in native code (no JavaScript runs)'
      : `at ${frames.slice(0, MAX_FRAMES).map(frameText).join(' < ')}`
  const last = memory.read()
  const doing = last === '' ? '' : `; last stage: ${last}`
  return `harakiri: the event loop stood still for ${limitMs / 1000} s ${where}${doing}; the worker is killed`
}

/** Undefined where the main thread does not come to a stop. */
function takeStack(): Promise<readonly CallFrame[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly CallFrame[] | undefined>()
  const session = new Session()
  session.connectToMainThread()
  const urls = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => {
    const frames = params.callFrames.map((frame: CallFrame) => ({
      ...frame,
      url: frame.url || (urls.get(frame.location.scriptId) ?? ''),
    }))
    const own = frames.filter(({ url }) => url !== '' && !url.startsWith('node:'))
    resolve(own.length > 0 ? own : frames)
  })
  session.post('Debugger.enable')
  session.post('Debugger.pause')
  setTimeout(() => resolve(undefined), PAUSE_WAIT_MS)
  return promise
}

function frameText({ functionName, url, location }: CallFrame): string {
  const place = `${url.replace('file://', '')}:${location.lineNumber + 1}`
  return functionName === '' ? place : `${functionName} (${place})`
}
