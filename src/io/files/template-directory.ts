import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/**
 * Text files under one folder, by names with `/`. Nothing outside of the folder can be had: names with `..` or NUL are
 * absent, and so are links that lead out. Reading is synchronous: it happens once per file, or in development.
 */
export class TemplateDirectory {
  readonly #root: string

  constructor(root: string) {
    this.#root = resolve(root)
  }

  locate(name: string): string {
    return join(this.#root, name)
  }

  read(name: string): string | undefined {
    return this.#absentAsUndefined(() => {
      const path = this.#confined(name)
      return path === undefined ? undefined : readFileSync(path, 'utf8')
    })
  }

  /** Made of the file's time, size and identity. */
  version(name: string): string | undefined {
    return this.#absentAsUndefined(() => {
      const path = this.#confined(name)
      if (path === undefined) return undefined
      const { mtimeMs, size, ino } = statSync(path)
      return `${mtimeMs}-${size}-${ino}`
    })
  }

  /** The real path; `undefined` for what is not a file below the real folder. */
  #confined(name: string): string | undefined {
    if (name === '' || name.includes('\0') || name.split(/[/\\]/).includes('..')) return undefined
    const path = realpathSync(join(this.#root, name))
    if (!path.startsWith(realpathSync(this.#root) + sep)) return undefined
    return statSync(path).isFile() ? path : undefined
  }

  #absentAsUndefined(read: () => string | undefined): string | undefined {
    try {
      return read()
    } catch (error) {
      if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined
      throw error
    }
  }
}
