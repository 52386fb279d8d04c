import type { ConfigSource } from '../../src/config/load.ts'
import { expandGlob } from '../../src/util/glob.ts'

/** Files of a conf in memory, by absolute path. A path ending in `/` is a folder. Counts reads. */
export class MemorySource implements ConfigSource {
  readonly reads: string[] = []
  readonly #files: Map<string, string>

  constructor(files: Readonly<Record<string, string>>) {
    this.#files = new Map(Object.entries(files))
  }

  read(path: string): string {
    this.reads.push(path)
    const text = this.#files.get(path)
    if (text !== undefined) return text
    const code = this.#files.has(`${path}/`) ? 'EISDIR' : 'ENOENT'
    throw Object.assign(new Error(`${code}: no text of '${path}'`), {
      code,
      errno: code === 'EISDIR' ? -21 : -2,
    })
  }

  glob(pattern: string): string[] {
    return expandGlob(pattern, (folder) => this.#list(folder)).reverse()
  }

  #list(folder: string): string[] {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`
    const names = Array.from(this.#files.keys())
      .filter((path) => path.startsWith(prefix) && path !== prefix)
      .map((path) => path.slice(prefix.length).split('/', 1).join(''))
    return [...new Set(names)]
  }
}
