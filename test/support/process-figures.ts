/** What /proc says of a process. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Resident memory, bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(match?.[1] ?? 0) * 1024
}

/** Open sockets and files, by what they lead to. */
export function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)]
    } catch {
      return [] // closed meanwhile
    }
  })
}

export function openSockets(pid: number): number {
  return openFiles(pid).filter((target) => target.startsWith('socket:')).length
}

/** Process id of the newest front worker, from the error log. */
export function workerPid(errorLog: string): number {
  const pids = [...errorLog.matchAll(/worker front#\d+ \(process (\d+)\) is ready/g)]
  return Number(pids.at(-1)?.[1] ?? 0)
}
