/** `*_store`: a copy of a response as a file, which appears when the response is whole. */
import { StoredFile } from '../../io/files/stored-file.ts'
import type { Request } from '../request.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** Bytes waiting to be written beyond which the upstream is to stop. */
const MAX_PENDING_BYTES = 1 << 20

export class ResponseStore {
  readonly #request: Request
  readonly #file: StoredFile
  readonly #target: string
  readonly #mode: number
  #committing = false

  constructor(
    request: Request,
    { tempFolder, storeAccess }: UpstreamSettings,
    target: string,
    onWritten: () => void,
  ) {
    this.#request = request
    this.#target = target
    this.#mode = storeAccess
    this.#file = new StoredFile(tempFolder ?? request.connection.server.tempFolder, onWritten)
  }

  get full(): boolean {
    return this.#file.pendingBytes >= MAX_PENDING_BYTES
  }

  get committing(): boolean {
    return this.#committing
  }

  /** The bytes are not written again by anybody. */
  take(bytes: Buffer): void {
    this.#file.append(bytes)
  }

  /** `done` is called when the file stands, or could not be made: the client's answer does not depend on it. */
  commit(done: () => void): void {
    this.#committing = true
    const request = this.#request
    const { lastModified } = request
    const mtimeSeconds = lastModified >= 0 ? lastModified : undefined
    this.#file
      .commit(this.#target, { mode: this.#mode, mtimeSeconds })
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        request.location.settings.errorLog.request('crit', request, `response not stored: ${reason}`)
      })
      .finally(() => {
        this.#committing = false
        done()
      })
  }

  discard(): void {
    if (!this.#committing) void this.#file.discard()
  }
}
