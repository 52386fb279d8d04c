/** Small files of one folder under names that their owner makes: each appears whole or not at all. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const MISSING = new Set(['ENOENT', 'ENOTDIR'])

/** Only these reach the disk: a name can lead nowhere else. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/

export class KeyedFiles {
  readonly #folder: string
  readonly #suffix: string

  /** @param suffix of the files that are the owner's; others in the folder are left alone */
  constructor(folder: string, suffix: string) {
    this.#folder = folder
    this.#suffix = suffix
  }

  /** Null where there is none. @throws the system's error, RangeError for a name that is none */
  async read(name: string): Promise<string | null> {
    return unlessMissing(readFile(this.#path(name), 'utf8'), null)
  }

  /** Readable for its owner only; the folder is made. */
  async write(name: string, text: string): Promise<void> {
    const path = this.#path(name)
    const fresh = await this.#fresh(text)
    try {
      await rename(fresh, path)
    } catch (error) {
      await unlink(fresh)
      throw error
    }
  }

  /** Writes it where none is; false where one is. */
  async create(name: string, text: string): Promise<boolean> {
    const path = this.#path(name)
    const fresh = await this.#fresh(text)
    try {
      await link(fresh, path)
      return true
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      return false
    } finally {
      await unlink(fresh)
    }
  }

  /** False where there was none. */
  async remove(name: string): Promise<boolean> {
    return unlessMissing(
      unlink(this.#path(name)).then(() => true),
      false,
    )
  }

  /**
   * Removes it where its text is of that kind. What somebody else wrote since it was read comes back at once, unless it
   * was written again meanwhile. False where it stays.
   */
  async removeIf(name: string, isMeant: (text: string) => boolean): Promise<boolean> {
    const path = this.#path(name)
    const taken = this.#freshPath()
    if (
      !(await unlessMissing(
        rename(path, taken).then(() => true),
        false,
      ))
    )
      return false
    try {
      if (isMeant(await readFile(taken, 'utf8'))) return true
      await link(taken, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      await unlink(taken)
    }
    return false
  }

  /** Names in no order. */
  async names(): Promise<string[]> {
    const files = await unlessMissing(readdir(this.#folder), [])
    return files
      .filter((file) => file.endsWith(this.#suffix))
      .map((file) => file.slice(0, -this.#suffix.length))
  }

  async #fresh(text: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = this.#freshPath()
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
    return path
  }

  #freshPath(): string {
    return join(this.#folder, `fresh.${randomBytes(12).toString('hex')}`)
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError('Not a name of a file here')
    return join(this.#folder, name + this.#suffix)
  }
}

async function unlessMissing<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (MISSING.has(codeOf(error))) return otherwise
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
