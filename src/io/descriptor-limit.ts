import { readTextFile } from './files/text-file.ts'

/** RLIMIT_NOFILE of this process, Infinity where the system does not say. */
export function descriptorLimit(): number {
  const limits = readTextFile('/proc/self/limits') ?? ''
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? Infinity : Number(soft)
}
