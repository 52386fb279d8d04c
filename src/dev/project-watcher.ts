/**
 * Says which files of a project changed. One watch for each folder, because what installs packages is not to be
 * watched; folders that come later are watched, too.
 */
import { readdirSync, watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'

export interface ProjectWatcherOptions {
  readonly root: string
  /** Absolute paths of folders that are left alone. */
  readonly ignored: readonly string[]
  readonly onChange: (paths: ReadonlySet<string>) => void
  /** Said once, when there are too many folders. */
  readonly onLimit: (folders: number) => void
}

/** An editor's save is several events; what comes within this time is one change. */
const SETTLE_MS = 20
/** The kernel's own limit is shared with everything else of the user (`fs.inotify.max_user_watches`). */
const MAX_FOLDERS = 4000

export class ProjectWatcher {
  readonly #options: ProjectWatcherOptions
  readonly #watches = new Map<string, FSWatcher>()
  readonly #ignored: ReadonlySet<string>
  #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #limited = false

  constructor(options: ProjectWatcherOptions) {
    this.#options = options
    this.#ignored = new Set(options.ignored)
    this.#add(options.root)
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const one of this.#watches.values()) one.close()
    this.#watches.clear()
  }

  /** A folder and those in it; nothing happens where it is none, or not to be read. */
  #add(folder: string): void {
    if (this.#watches.has(folder) || this.#ignored.has(folder)) return
    if (this.#watches.size >= MAX_FOLDERS) {
      if (!this.#limited) this.#options.onLimit(MAX_FOLDERS)
      this.#limited = true
      return
    }
    let inner: string[]
    try {
      const entries = readdirSync(folder, { withFileTypes: true })
      inner = entries.filter((entry) => entry.isDirectory() && isWatched(entry.name)).map(({ name }) => name)
      this.#watch(folder)
    } catch {
      return // gone again, or somebody else's
    }
    for (const name of inner) this.#add(join(folder, name))
  }

  #watch(folder: string): void {
    const watcher = watch(folder, (event, name) => {
      if (name === null || !isWatched(name)) return
      const path = join(folder, name)
      if (event === 'rename') this.#add(path)
      this.#note(path)
    })
    watcher.on('error', () => this.#drop(folder))
    this.#watches.set(folder, watcher)
  }

  #drop(folder: string): void {
    this.#watches.get(folder)?.close()
    this.#watches.delete(folder)
  }

  #note(path: string): void {
    this.#changed.add(path)
    this.#timer ??= setTimeout(() => {
      const changed = this.#changed
      this.#changed = new Set()
      this.#timer = undefined
      this.#options.onChange(changed)
    }, SETTLE_MS)
  }
}

/** Names with a dot in front are other programs' business, but for the environment's. */
function isWatched(name: string): boolean {
  return name !== 'node_modules' && (!name.startsWith('.') || name.startsWith('.env'))
}
