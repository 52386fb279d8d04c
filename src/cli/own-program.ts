/**
 * How this very program is started once more: as a worker, as a thread, as its own successor. A single executable is
 * its own runtime, and there is no file of a module to name.
 */
import { resolve } from 'node:path'
import { isSea } from 'node:sea'
import type { ModuleProgram } from '../process/generation.ts'

export type WorkerRole = 'front' | 'app' | 'keeper'

export const isSingleExecutable = isSea()

export function workerProgram(role: WorkerRole): ModuleProgram {
  const args = ['worker', role]
  return isSingleExecutable ? { kind: 'module', args } : { kind: 'module', modulePath: ownModule(), args }
}

/** Runs the executable's own beginning, which node:sea hands to every thread. Its arguments stand where others' do. */
const THREAD = `
import { createRequire } from 'node:module'
import { getAsset } from 'node:sea'
import { runInThisContext } from 'node:vm'
process.argv.splice(1, 0, process.execPath)
runInThisContext('(function (require) {' + getAsset('boot.cjs', 'utf8') + '\\n})')(createRequire('/'))`

/** What a thread of ours runs, with its arguments after it. */
export function threadProgram(): string | URL {
  return isSingleExecutable
    ? new URL(`data:text/javascript;base64,${Buffer.from(THREAD).toString('base64')}`)
    : ownModule()
}

/** What follows the path of the runtime when the same program is started with these arguments. */
export function ownArguments(args: readonly string[]): string[] {
  return isSingleExecutable ? [...args] : [...process.execArgv, process.argv[1] ?? '', ...args]
}

/** Absolute path of what was started. */
function ownModule(): string {
  return resolve(process.argv[1] ?? '')
}
