/** How the master starts a worker of ours: this very program with `worker ROLE`. */
import { resolve } from 'node:path'
import type { ModuleProgram } from '../process/generation.ts'

export type WorkerRole = 'front' | 'app' | 'keeper'

export function workerProgram(role: WorkerRole): ModuleProgram {
  return { kind: 'module', modulePath: thisProgram(), args: ['worker', role] }
}

/** Absolute path of what was started. */
export function thisProgram(): string {
  return resolve(process.argv[1] ?? '')
}
