/**
 * `open_file_cache`: what was found at a path stands, without asking the file system, until `open_file_cache_valid` is
 * over (ngx_open_file_cache.c). Content and derived heads are in the file cache; this one keeps verdicts.
 */
import type { FileCache, FileLookup } from './file-cache.ts'

/** `max=` and `inactive=`: one cache for all scopes that inherit the directive. */
export interface OpenFileCacheSize {
  readonly maxEntries: number
  readonly inactiveMs: number
}

/** What may differ from scope to scope. */
export interface OpenFileCacheRules {
  readonly validMs: number
  readonly minUses: number
  /** Whether faults are kept too. */
  readonly errors: boolean
}

interface Entry {
  found: FileLookup
  checkedMs: number
  usedMs: number
  /** Since it was made, or was unused for so long that it began anew. */
  uses: number
}

/** Entries looked at for being inactive, per look-up (nginx: 1 or 2). */
const EXPIRED_AT_ONCE = 2

export class OpenFileCache {
  readonly #size: OpenFileCacheSize
  /** In the order of use, oldest first. */
  readonly #entries = new Map<string, Entry>()

  constructor(size: OpenFileCacheSize) {
    this.#size = size
  }

  get entryCount(): number {
    return this.#entries.size
  }

  /** `nowMs` is monotonic. */
  lookup(path: string, rules: OpenFileCacheRules, files: FileCache, nowMs: number): FileLookup {
    const entry = this.#entries.get(path)
    if (!entry) return this.#add(path, rules, files, nowMs)
    this.#entries.delete(path)
    entry.uses += 1
    const fresh = nowMs - entry.checkedMs < rules.validMs
    if (!fresh || !isKept(entry, rules)) {
      entry.found = files.lookup(path)
      entry.checkedMs = nowMs
      if (isFault(entry.found) && !rules.errors) return entry.found
    }
    entry.usedMs = nowMs
    this.#entries.set(path, entry)
    this.#expire(nowMs)
    return entry.found
  }

  forget(path: string): void {
    this.#entries.delete(path)
  }

  #add(path: string, rules: OpenFileCacheRules, files: FileCache, nowMs: number): FileLookup {
    const found = files.lookup(path)
    if (isFault(found) && !rules.errors) return found
    this.#expire(nowMs)
    if (this.#entries.size >= this.#size.maxEntries) this.#dropOldest()
    this.#entries.set(path, { found, checkedMs: nowMs, usedMs: nowMs, uses: 1 })
    return found
  }

  #dropOldest(): void {
    for (const path of this.#entries.keys()) {
      this.#entries.delete(path)
      return
    }
  }

  #expire(nowMs: number): void {
    let left = EXPIRED_AT_ONCE
    for (const [path, entry] of this.#entries) {
      if (left === 0 || nowMs - entry.usedMs <= this.#size.inactiveMs) return
      this.#entries.delete(path)
      left -= 1
    }
  }
}

/** Folders and faults are kept whatever their uses; a file counts as open from `min_uses` on. */
function isKept({ found, uses }: Entry, { minUses }: OpenFileCacheRules): boolean {
  return found.kind !== 'file' || uses > minUses
}

function isFault({ kind }: FileLookup): boolean {
  return kind === 'notFound' || kind === 'denied' || kind === 'error'
}
