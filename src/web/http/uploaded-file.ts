import { SuspiciousFileOperation } from '../exceptions.ts'

/** Bytes on disk that end with their descriptor; `TempFile` of io is one. */
export interface SpoolFile {
  readonly length: number
  append(bytes: Buffer): Promise<void>
  read(position: number, size: number): Promise<Buffer>
  close(): Promise<void>
}

/** A file of a form. The bytes are in memory, or in a temporary file that ends with the request. */
export class UploadedFile {
  /** The last part of what the client called it; never a path. */
  readonly name: string
  /** As the client says: not to be trusted. */
  readonly contentType: string
  readonly fieldName: string
  /** Bytes. */
  readonly size: number
  readonly #memory: Buffer | null
  readonly #file: SpoolFile | null

  constructor(about: { name: string; contentType: string; fieldName: string }, content: Buffer | SpoolFile) {
    this.name = about.name
    this.contentType = about.contentType
    this.fieldName = about.fieldName
    this.size = content.length
    this.#memory = Buffer.isBuffer(content) ? content : null
    this.#file = Buffer.isBuffer(content) ? null : content
  }

  /** True when the bytes are on disk. */
  get temporary(): boolean {
    return this.#file !== null
  }

  /** The whole file; `chunks` needs less memory. */
  async read(): Promise<Buffer> {
    if (this.#memory !== null) return this.#memory
    const parts: Buffer[] = []
    for await (const chunk of this.chunks()) parts.push(chunk)
    return Buffer.concat(parts)
  }

  async text(): Promise<string> {
    return (await this.read()).toString('utf8')
  }

  /** The file from its start, 64 KiB at a time unless told otherwise. */
  async *chunks(chunkSize = 65_536): AsyncGenerator<Buffer> {
    if (this.#memory !== null) {
      for (let at = 0; at < this.#memory.length; at += chunkSize) {
        yield this.#memory.subarray(at, at + chunkSize)
      }
      return
    }
    for (let at = 0; this.#file !== null && at < this.size;) {
      const chunk = await this.#file.read(at, chunkSize)
      if (chunk.length === 0) return
      at += chunk.length
      yield chunk
    }
  }

  /** Gives the disk space back; the handler calls it when the response is out. */
  async close(): Promise<void> {
    await this.#file?.close()
  }
}

/**
 * The base name of what a client calls its file. Whole paths come from old browsers and from attackers.
 *
 * @throws SuspiciousFileOperation for a name with NUL; a name that is nothing but dots and slashes gives ''
 */
export function safeFileName(name: string): string {
  if (name.includes('\0')) throw new SuspiciousFileOperation('A file name has a NUL byte in it')
  const cut = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\'))
  // Unicode's format characters turn the shown order of letters round: "exe.png" for "gnp.exe".
  const base = [...name.slice(cut + 1)]
    .filter((character) => !/[\p{Cc}\p{Cf}]/u.test(character))
    .join('')
    .trim()
  return base === '' || base === '.' || base === '..' ? '' : base
}
