/**
 * How this very program is started once more: as a worker, as a thread, as its own successor. A single executable is
 * its own runtime, and there is no file of a module to name.
 */
import { resolve } from 'node:path'
import { isSea } from 'node:sea'
import type { ModuleProgram } from '../process/generation.ts'

export type WorkerRole = 'front' | 'app' | 'keeper'

export const isSingleExecutable = isSea()

/** `env`: of the worker, where it is not ours. */
export function workerProgram(role: WorkerRole, env: Environment = process.env): ModuleProgram {
  const args = ['worker', role]
  if (isSingleExecutable) return { kind: 'module', args }
  return { kind: 'module', modulePath: ownModule(), options: runtimeOptions(env), args }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Of each half of V8's young generation, MiB. By itself V8 takes 64 where the machine has 16 GiB: a burst fills both
 * halves, and they stay resident with nothing in them. What NODE_OPTIONS say of it holds. The single executable has the
 * same in its blob (binary/build.mjs).
 */
const SEMI_SPACE_MIB = 16

function runtimeOptions(env: Environment): readonly string[] {
  const isSaid = /--max[-_]semi[-_]space[-_]size/.test(env['NODE_OPTIONS'] ?? '')
  return isSaid ? [] : [`--max-semi-space-size=${SEMI_SPACE_MIB}`]
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
