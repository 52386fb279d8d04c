/**
 * Files that a conf names and that have to be there when it is read: certificates, keys, passwords. Each is read once,
 * by the master (a password may come through a pipe, a key may be for root only); workers get what it read.
 */
import { readFileSync } from 'node:fs'
import { filePath } from '../../util/file-path.ts'

/** Path and content in base64, for the journey from the master to its workers. */
export type ConfFileEntry = readonly [path: string, content: string]

export class ConfFiles {
  readonly #contents = new Map<string, Buffer>()

  constructor(entries: readonly ConfFileEntry[] = []) {
    for (const [path, content] of entries) this.#contents.set(path, Buffer.from(content, 'base64'))
  }

  /** @throws the system's error */
  read(path: string): Buffer {
    let content = this.#contents.get(path)
    if (!content) {
      content = this.readNow(path)
      this.#contents.set(path, content)
    }
    return content
  }

  /** Past what is kept. @throws the system's error */
  readNow(path: string): Buffer {
    return readFileSync(filePath(path))
  }

  get entries(): ConfFileEntry[] {
    return [...this.#contents].map(([path, content]) => [path, content.toString('base64')])
  }
}
