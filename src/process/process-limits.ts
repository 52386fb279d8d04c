/** What a worker's process gets before its program runs. The runtime cannot set it: a shell does, and becomes it. */

export interface ProcessLimits {
  /** `worker_rlimit_nofile`. */
  readonly descriptors?: number | undefined
  /** `worker_rlimit_core`, bytes. */
  readonly coreBytes?: number | undefined
  /** Processors that it may run on, the lowest bit the first one. */
  readonly affinity?: bigint | undefined
}

/** A POSIX shell counts core sizes in blocks. */
const CORE_BLOCK_BYTES = 512

/**
 * Text for `sh -c`, which executes its arguments in the end; undefined where nothing is asked. What is refused changes
 * nothing: the worker looks at what it got.
 */
export function limitScript({ descriptors, coreBytes, affinity }: ProcessLimits): string | undefined {
  const steps: string[] = []
  if (descriptors !== undefined) steps.push(`ulimit -n ${descriptors}`)
  if (coreBytes !== undefined) steps.push(`ulimit -c ${Math.floor(coreBytes / CORE_BLOCK_BYTES)}`)
  if (affinity !== undefined) steps.push(`taskset -p ${affinity.toString(16)} $$ >&2`)
  if (steps.length === 0) return undefined
  // a special built-in that fails may end the shell: each is tried in another one first
  return [...steps.map((step) => `( ${step} ) 2>/dev/null && ${step} 2>/dev/null`), 'exec "$@"'].join('\n')
}
