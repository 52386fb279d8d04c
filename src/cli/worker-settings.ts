/** What the main context says of front workers as processes. */
import type { Scope } from '../config/scope.ts'
import type { WorkerGroup } from '../process/generation.ts'
import { processorCount } from '../process/machine.ts'
import type { ProcessLimits } from '../process/process-limits.ts'
import * as rows from './main-directives.ts'

export function workerSettings(main: Scope): Pick<WorkerGroup, 'env' | 'limits' | 'standing'> {
  const standing = {
    user: main.get(rows.user),
    early: false,
    priority: main.get(rows.workerPriority) || undefined,
    workingDirectory: main.get(rows.workingDirectory),
  }
  return { env: environment(main), limits: limitsOf(main), standing }
}

function limitsOf(main: Scope): (index: number) => ProcessLimits {
  const descriptors = main.get(rows.workerRlimitNofile)
  const coreBytes = main.get(rows.workerRlimitCore)
  const affinity = main.get(rows.workerCpuAffinity)
  return (index) => ({ descriptors, coreBytes, affinity: affinity && maskOf(affinity, index) })
}

/** The last mask is for all workers without one; `auto` goes round the processors that its mask has. */
function maskOf({ auto, masks }: rows.CpuAffinity, index: number): bigint | undefined {
  if (!auto) return masks[Math.min(index, masks.length - 1)]
  const all = (1n << BigInt(processorCount())) - 1n
  const mask = masks[0] ?? all
  const bits = Array.from(mask.toString(2)).toReversed()
  const processors = bits.flatMap((bit, position) => (bit === '1' ? [position] : []))
  const chosen = processors[index % processors.length]
  return chosen === undefined ? undefined : 1n << BigInt(chosen)
}

/** What the runtime and its TLS read, beside nginx's TZ. */
const KEPT = /^(TZ|LANG|LC_.*|NODE_.*|UV_.*|OPENSSL_.*|SSL_CERT_.*|TMPDIR)$/

function environment(main: Scope): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name))
  const listed = main.list(rows.env).map(({ name, value }) => [name, value ?? process.env[name]] as const)
  return Object.fromEntries([...kept, ...listed])
}
