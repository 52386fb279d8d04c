/** Reloads one after the other while mixed load is on the server; looks at the master after each. */
import { openFiles, residentBytes } from '../support/process-figures.ts'
import { MixedLoad, type LoadCount, type LoadPlan } from './mixed-load.ts'
import type { SoakServer } from './soak-server.ts'

export interface ReloadOptions {
  readonly reloads: number
  /** Spread over the reloads. */
  readonly requests: number
  readonly load: LoadPlan
  /** The run ends after it, however many requests there were. */
  readonly limitMs: number
  readonly onReload?: (reload: number, sample: MasterSample) => void
}

export interface MasterSample {
  readonly requests: number
  readonly descriptors: number
  readonly residentBytes: number
}

export interface ReloadResult {
  readonly count: LoadCount
  readonly total: number
  readonly reloads: number
  readonly elapsedMs: number
  /** One after each reload. */
  readonly samples: readonly MasterSample[]
}

export async function reloadUnderLoad(soak: SoakServer, options: ReloadOptions): Promise<ReloadResult> {
  const { server } = soak
  const pid = server.pid ?? 0
  const began = performance.now()
  const late = (): boolean => performance.now() - began > options.limitMs
  const load = new MixedLoad(soak, options.load)
  const samples: MasterSample[] = []
  for (let reload = 1; reload <= options.reloads && !late(); reload += 1) {
    const due = (options.requests * reload) / options.reloads
    await poll(() => load.total >= due || late())
    const active = activations(server.read('logs/error.log'))
    process.kill(pid, 'SIGHUP')
    await poll(() => activations(server.read('logs/error.log')) > active || late())
    const sample = {
      requests: load.total,
      descriptors: openFiles(pid).length,
      residentBytes: residentBytes(pid),
    }
    samples.push(sample)
    options.onReload?.(reload, sample)
  }
  await poll(() => load.total >= options.requests || late())
  const count = await load.stop()
  const elapsedMs = performance.now() - began
  return { count, total: load.total, reloads: samples.length, elapsedMs, samples }
}

function activations(log: string): number {
  return log.split('listening on ').length
}

async function poll(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 25))
}
