import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  Application,
  Environ,
  HeaderPair,
  ResponseBody,
  StartResponse,
  Write,
} from '../../src/gateway/application.ts'
import type { ResponseSink } from '../../src/gateway/response-sink.ts'
import { runApplication } from '../../src/gateway/run-application.ts'
import { makeEnviron, settled } from '../gateway/recording-sink.ts'
import { RUNS } from './arbitraries.ts'

type Step =
  | { do: 'start'; status: string; length: number | undefined; excInfo: boolean }
  | { do: 'write' | 'chunk'; size: number }
  | { do: 'throw' | 'bad chunk' | 'tick' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      status: fc.constantFrom(
        '200 OK',
        '204 No Content',
        '304 Not Modified',
        '500 No',
        '100 Continue',
        'bad',
      ),
      length: fc.option(fc.nat(6), { nil: undefined }),
      excInfo: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('write' as const, 'chunk' as const), size: fc.nat(4) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('throw' as const, 'bad chunk' as const, 'tick' as const) }),
  },
)

type Shape = 'list' | 'generator' | 'async generator' | 'promise'
/** What the client does: reads at once, reads slowly, goes away at the nth write, is told to be gone by `cancel`. */
type Client = 'fast' | 'slow' | 'gone' | 'cancelled'

class StrictSink implements ResponseSink {
  readonly calls: string[] = []
  bytes = 0
  declared: number | undefined
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    this.calls.push('head')
    const length = headers.find(([name]) => name.toLowerCase() === 'content-length')
    this.declared = length === undefined ? undefined : Number(length[1])
    if (status.startsWith('204')) expect(length).toBe(undefined)
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    expect(chunk.length).toBeGreaterThan(0)
    this.calls.push('write')
    this.bytes += chunk.length
    if (this.#client === 'fast' || this.#client === 'cancelled') return undefined
    return this.#client === 'slow' ? Promise.resolve() : Promise.reject(new Error('gone'))
  }

  end(): void {
    this.calls.push('end')
  }

  abort(): void {
    this.calls.push('abort')
  }
}

/** An application that takes those steps; counts how its body is closed. */
function script(shape: Shape, steps: readonly Step[], closed: { count: number }): Application {
  function* take(start: StartResponse): Generator<Uint8Array | undefined> {
    let write: Write | undefined
    for (const one of steps) {
      switch (one.do) {
        case 'start': {
          const headers: HeaderPair[] =
            one.length === undefined ? [] : [['Content-Length', String(one.length)]]
          write = start(one.status, headers, one.excInfo ? { error: new Error('old') } : undefined)
          break
        }
        case 'write':
          void write?.(Buffer.alloc(one.size, 'w'))
          break
        case 'chunk':
          yield Buffer.alloc(one.size, 'c')
          break
        case 'throw':
          throw new Error('boom')
        case 'bad chunk':
          yield 'text' as unknown as Uint8Array
          break
        case 'tick':
          yield undefined
      }
    }
  }
  const wanted = (chunk: Uint8Array | undefined): chunk is Uint8Array => chunk !== undefined
  const withClose = <T extends object>(body: T): T =>
    Object.assign(body, { close: () => void closed.count++ })
  return (_: Environ, start: StartResponse): ResponseBody | Promise<ResponseBody> => {
    switch (shape) {
      case 'list':
        return withClose([...take(start)].filter(wanted))
      case 'promise':
        return Promise.resolve().then(() => withClose([...take(start)].filter(wanted)))
      case 'generator':
        return withClose({
          *[Symbol.iterator]() {
            for (const chunk of take(start)) if (wanted(chunk)) yield chunk
          },
        })
      case 'async generator':
        return withClose({
          async *[Symbol.asyncIterator]() {
            for (const chunk of take(start)) {
              if (wanted(chunk)) yield chunk
              else await Promise.resolve()
            }
          },
        })
    }
  }
}

describe('runApplication, fuzzed', () => {
  it('gives any sink a response that is framed right or visibly broken off, and closes the body once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Shape>('list', 'generator', 'async generator', 'promise'),
        fc.constantFrom<Client>('fast', 'slow', 'gone', 'cancelled'),
        fc.constantFrom('GET', 'HEAD'),
        fc.array(step, { maxLength: 8 }),
        async (shape, client, method, steps) => {
          const sink = new StrictSink(client)
          const closed = { count: 0 }
          let returned = false
          const application = script(shape, steps, closed)
          const errors: unknown[] = []
          const run = runApplication(
            (environ, start) => {
              const body = application(environ, start)
              if (body instanceof Promise) return body.then((value) => ((returned = true), value))
              returned = true
              return body
            },
            makeEnviron(method),
            sink,
            (error) => errors.push(error),
          )
          if (client === 'cancelled') run.cancel(new Error('gone'))
          for (let turn = 0; turn < 10; turn++) await settled()

          const calls = sink.calls.join(' ')
          if (client === 'cancelled') expect(calls).toMatch(/^(head( write)*( end| abort)?)?$/)
          else expect(calls).toMatch(/^(head( write)* (end|abort)|abort)$/)
          expect(run.over).toBe(true)
          if (
            calls.endsWith('end') &&
            method === 'GET' &&
            sink.declared !== undefined &&
            calls.includes('write')
          ) {
            expect(sink.bytes).toBe(sink.declared)
          }
          if (sink.declared !== undefined) expect(sink.bytes).toBeLessThanOrEqual(sink.declared)
          if (method === 'HEAD') expect(sink.bytes).toBe(0)
          if (calls.includes('abort') && client === 'fast') expect(errors.length).toBeGreaterThan(0)
          expect(closed.count).toBe(returned ? 1 : 0)
        },
      ),
      { numRuns: 2 * RUNS },
    )
  })
})
