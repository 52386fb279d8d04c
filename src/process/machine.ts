/** What the processes run on. */
import { availableParallelism, hostname } from 'node:os'

/** `worker_processes auto`. */
export const processorCount = availableParallelism

/** `$hostname`. */
export const machineName = hostname
