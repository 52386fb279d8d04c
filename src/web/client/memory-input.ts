import type { InputStream } from '../../gateway/application.ts'

/** A request body that is all in memory, as the gateway's would be read. */
export class MemoryInput implements InputStream {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(size = this.#bytes.length): Promise<Buffer> {
    return Promise.resolve(this.#take(this.#at + size))
  }

  readline(size = this.#bytes.length): Promise<Buffer> {
    const newline = this.#bytes.indexOf(10, this.#at)
    const lineEnd = newline < 0 ? this.#bytes.length : newline + 1
    return Promise.resolve(this.#take(Math.min(lineEnd, this.#at + size)))
  }

  async readlines(hint = Number.POSITIVE_INFINITY): Promise<Buffer[]> {
    const lines: Buffer[] = []
    let size = 0
    for (let line = await this.readline(); line.length > 0 && size < hint; line = await this.readline()) {
      lines.push(line)
      size += line.length
    }
    return lines
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let chunk = await this.read(65_536); chunk.length > 0; chunk = await this.read(65_536)) yield chunk
  }

  #take(to: number): Buffer {
    const chunk = this.#bytes.subarray(this.#at, to)
    this.#at += chunk.length
    return chunk
  }
}
