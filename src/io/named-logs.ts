/**
 * Logs whose names hold variables: opened and closed for each line, unless `open_log_file_cache` keeps them. At the
 * most `max` are kept, the one used last longest; a kept one is looked up by its name again after `valid`.
 */
import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs'

export interface LogCacheLimits {
  readonly max: number
  readonly inactiveMs: number
  readonly minUses: number
  readonly validMs: number
}

interface KeptLog {
  fd: number | undefined
  uses: number
  usedMs: number
  checkedMs: number
}

export class NamedLogs {
  readonly #limits: LogCacheLimits | undefined
  /** In the order of their last use. */
  readonly #kept = new Map<string, KeptLog>()

  constructor(limits: LogCacheLimits | undefined) {
    this.#limits = limits
  }

  /** @throws the system's error */
  write(path: string, line: string): void {
    if (!this.#limits) {
      const fd = openSync(path, 'a', 0o644)
      writeAndClose(fd, line)
      return
    }
    const nowMs = performance.now()
    this.#expire(nowMs, this.#limits)
    const known = this.#kept.get(path)
    this.#kept.delete(path)
    const log = known ?? { fd: undefined, uses: 0, usedMs: nowMs, checkedMs: nowMs }
    if (nowMs - log.checkedMs >= this.#limits.validMs) {
      if (log.fd !== undefined && !leadsTo(path, log.fd)) this.#release(log)
      log.checkedMs = nowMs
    }
    // what cannot be opened takes no place of another
    log.fd ??= openSync(path, 'a', 0o644)
    log.uses += 1
    log.usedMs = nowMs
    this.#kept.set(path, log)
    if (this.#kept.size > this.#limits.max) this.#forgetOldest()
    try {
      writeSync(log.fd, line)
    } finally {
      if (log.uses < this.#limits.minUses) this.#release(log)
    }
  }

  /** After a rotation, and at the end. */
  closeAll(): void {
    for (const log of this.#kept.values()) this.#release(log)
    this.#kept.clear()
  }

  /** Descriptors that are open between lines. */
  get openCount(): number {
    return [...this.#kept.values()].filter((log) => log.fd !== undefined).length
  }

  #forgetOldest(): void {
    for (const [path, log] of this.#kept) {
      this.#release(log)
      this.#kept.delete(path)
      return
    }
  }

  #expire(nowMs: number, { inactiveMs }: LogCacheLimits): void {
    for (const [path, log] of this.#kept) {
      if (nowMs - log.usedMs < inactiveMs) return
      this.#release(log)
      this.#kept.delete(path)
    }
  }

  #release(log: KeptLog): void {
    if (log.fd !== undefined) closeSync(log.fd)
    log.fd = undefined
  }
}

function writeAndClose(fd: number, line: string): void {
  try {
    writeSync(fd, line)
  } finally {
    closeSync(fd)
  }
}

/** Whether the name still is that of the open file. */
function leadsTo(path: string, fd: number): boolean {
  const [named, open] = [statSync(path, { throwIfNoEntry: false }), fstatSync(fd)]
  return named?.ino === open.ino && named.dev === open.dev
}
