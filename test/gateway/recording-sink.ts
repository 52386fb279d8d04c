/** A sink that writes down what it gets, and can make its writer wait. */
import type { Environ, HeaderPair } from '../../src/gateway/application.ts'
import { environFromParams } from '../../src/gateway/environ.ts'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'
import { emptyInput } from '../../src/gateway/input-stream.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'

export class RecordingSink implements ResponseSink {
  readonly calls: string[] = []
  /** Writes wait from then on, until `release` or `hangUp`. */
  slow = false
  #release: ((value: void) => void) | undefined
  #reject: ((error: Error) => void) | undefined

  head(status: string, headers: readonly HeaderPair[]): void {
    this.calls.push(`head ${status} | ${headers.map((pair) => pair.join(': ')).join(' | ')}`)
  }

  flushHead(): void {
    this.calls.push('flush')
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.calls.push(`write ${Buffer.from(chunk).toString('latin1')}`)
    if (!this.slow) return undefined
    return new Promise((resolve, reject) => {
      this.#release = resolve
      this.#reject = reject
    })
  }

  end(): void {
    this.calls.push('end')
  }

  abort(error: unknown): void {
    this.calls.push(`abort ${error instanceof Error ? error.message : String(error)}`)
  }

  async release(): Promise<void> {
    this.#release?.()
    await settled()
  }

  async hangUp(): Promise<void> {
    this.#reject?.(new Error('client gone'))
    await settled()
  }
}

/** All promises that wait for nothing outside are through. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

export function makeEnviron(method = 'GET'): Environ {
  return environFromParams(['REQUEST_METHOD', method, 'PATH_INFO', '/'], {
    input: emptyInput,
    errors: new LineErrorStream(() => undefined),
    multiprocess: false,
  })
}
